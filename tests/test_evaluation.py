"""Judging classifiers: numbers against scikit-learn and Keras, any kind of classifier, bounded memory."""

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics

import course_utils as cu
from course_utils.errors import InputError
from course_utils.evaluation import evaluate, wilson_interval

NAMES = ("cat", "dog", "fox")


@pytest.fixture
def data():
    """Sixty small pictures and their labels."""
    generator = np.random.default_rng(1)
    images = generator.integers(0, 256, (60, 8, 8, 1), dtype="uint8")
    labels = generator.integers(0, 3, 60)
    return SimpleNamespace(images=images, labels=labels, classes=NAMES, name="test")


@pytest.fixture
def probabilities():
    raw = np.random.default_rng(2).random((60, 3))
    return (raw / raw.sum(axis=1, keepdims=True)).astype("float32")


def answering(answers):
    """A classifier that gives the answers in order, whatever it is shown."""
    position = 0

    def predict(batch):
        nonlocal position
        position += len(batch)
        return answers[position - len(batch) : position]

    return predict


@pytest.mark.parametrize("batch_size", [1, 7, 60, 256])
def test_when_probabilities_are_given_then_all_numbers_are_those_of_scikit_learn(data, probabilities, batch_size):
    report = evaluate(answering(probabilities), data, batch_size=batch_size)
    predicted = probabilities.argmax(axis=1)
    assert report.accuracy == metrics.accuracy_score(data.labels, predicted)
    assert report.loss == pytest.approx(metrics.log_loss(data.labels, probabilities), rel=1e-5)
    np.testing.assert_array_equal(report.confusion, metrics.confusion_matrix(data.labels, predicted))
    np.testing.assert_allclose(
        list(report.per_class.values()), metrics.recall_score(data.labels, predicted, average=None)
    )
    assert (report.n, report.split_name, report.classes, report.output) == (60, "test", NAMES, "probabilities")
    assert report.probabilities.dtype == np.float32 and report.model_parameters is None
    assert report.images is data.images


def test_when_labels_are_given_then_there_is_no_loss(data):
    report = evaluate(answering(data.labels), data)
    assert (report.accuracy, report.loss, report.probabilities, report.output) == (1.0, None, None, "labels")
    assert report.interval[1] == 1.0 and 0.9 < report.interval[0] < 1


def test_when_a_function_is_evaluated_then_it_sees_batches_of_the_original_pixels(data):
    seen = []
    evaluate(lambda batch: seen.append(batch) or np.zeros(len(batch), int), data, batch_size=25)
    assert [len(batch) for batch in seen] == [25, 25, 10]
    assert all(batch.dtype == np.uint8 and np.shares_memory(batch, data.images) for batch in seen)


def test_when_a_class_has_no_images_then_its_recall_is_nan_and_never_the_weakest():
    images = np.zeros((2, 4, 4, 1), dtype="uint8")
    report = evaluate(lambda batch: np.array([0, 0]), (images, [0, 1]), classes=NAMES)
    assert np.isnan(report.per_class["fox"])
    assert report.weakest() == [("dog", 0.0), ("cat", 1.0)]


def test_when_a_pair_without_names_is_given_then_classes_are_numbers():
    images = np.zeros((2, 4, 4, 1), dtype="uint8")
    report = evaluate(lambda batch: np.array([0, 2]), (images, [0, 1]))
    assert report.classes == ("0", "1", "2") and report.confusion.shape == (3, 3)


@pytest.fixture(scope="module")
def keras():
    return pytest.importorskip("keras")


class TestKeras:
    """Models of Keras; on whichever backend is installed."""

    def build(self, keras, *last):
        keras.utils.set_random_seed(0)
        layers = keras.layers
        start = [keras.Input((8, 8, 1)), layers.Rescaling(1 / 255), layers.Flatten(), layers.Dropout(0.5)]
        return keras.Sequential([*start, *last])

    @pytest.mark.parametrize("ending", ["softmax", "softmax layer", "activation layer", "logits"])
    def test_when_a_model_ends_in_softmax_or_logits_then_loss_and_accuracy_are_those_of_keras(
        self, keras, data, ending
    ):
        layers = keras.layers
        last = {
            "softmax": [layers.Dense(3, activation="softmax")],
            "softmax layer": [layers.Dense(3), layers.Softmax()],
            "activation layer": [layers.Dense(3), layers.Activation("softmax")],
            "logits": [layers.Dense(3)],
        }[ending]
        model = self.build(keras, *last)
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=ending == "logits")
        model.compile(loss=loss, metrics=["accuracy"])
        report = evaluate(model, data, batch_size=16)
        expected_loss, expected_accuracy = model.evaluate(data.images, data.labels, verbose=0)
        assert report.loss == pytest.approx(expected_loss, rel=1e-4)
        assert report.accuracy == pytest.approx(expected_accuracy)
        assert report.output == ("logits" if ending == "logits" else "softmax")
        assert report.model_parameters == model.count_params() == 195
        np.testing.assert_allclose(report.probabilities.sum(axis=1), 1, atol=1e-5)

    def test_when_a_model_has_dropout_then_it_is_off(self, keras, data):
        model = self.build(keras, keras.layers.Dense(3, activation="softmax"))
        first, second = (evaluate(model, data).probabilities for _ in range(2))
        np.testing.assert_array_equal(first, second)

    def test_when_a_model_is_not_built_yet_then_it_is_evaluated_all_the_same(self, keras, data):
        layers = keras.layers
        model = keras.Sequential([layers.Rescaling(1 / 255), layers.Flatten(), layers.Dense(3, activation="softmax")])
        assert evaluate(model, data).model_parameters == 195

    def test_when_many_models_are_evaluated_then_nothing_warns(self, keras, data, recwarn, capfd):
        for _ in range(8):
            evaluate(self.build(keras, keras.layers.Dense(3, activation="softmax")), data, batch_size=32)
        assert not recwarn.list
        assert "retracing" not in capfd.readouterr().err

    def test_when_pixels_were_scaled_before_a_model_that_scales_then_it_is_an_error(self, keras, data):
        model = self.build(keras, keras.layers.Dense(3, activation="softmax"))
        with pytest.raises(InputError, match=r"scaled twice[\s\S]*from 0 to 1"):
            evaluate(model, (data.images / 255, data.labels))

    def test_when_pixels_are_raw_and_the_model_does_not_scale_then_it_must_be_on_purpose(self, keras, data):
        layers = keras.layers
        model = keras.Sequential([keras.Input((8, 8, 1)), layers.Flatten(), layers.Dense(3, activation="softmax")])
        with pytest.raises(InputError, match=r"Rescaling\(1 / 255\)"):
            evaluate(model, data)
        assert evaluate(model, data, raw_pixels=True).n == 60
        assert evaluate(model, (data.images / 255, data.labels)).n == 60

    @pytest.mark.parametrize(
        ("change", "line"),
        [
            (lambda images: images[0], "images[np.newaxis]"),
            (lambda images: images[..., 0], "images[..., np.newaxis]"),
            (lambda images: images.transpose(0, 3, 1, 2), "transpose(0, 2, 3, 1)"),
            (lambda images: images[:, :4, :4], "Resizing"),
        ],
    )
    def test_when_the_shape_is_wrong_then_the_error_gives_the_line(self, keras, data, change, line):
        model = self.build(keras, keras.layers.Dense(3))
        with pytest.raises(InputError) as error:
            evaluate(model, (change(data.images), data.labels))
        assert line in str(error.value)

    def test_when_training_diverged_then_the_error_says_so(self, keras, data):
        model = self.build(keras, keras.layers.Dense(3, activation="softmax"))
        model.layers[-1].bias.assign([np.nan, 0.0, 0.0])
        with pytest.raises(InputError, match="learning rate"):
            evaluate(model, data)

    def test_when_the_model_has_too_few_outputs_then_both_numbers_are_named(self, keras, data):
        model = self.build(keras, keras.layers.Dense(2, activation="softmax"))
        with pytest.raises(InputError, match=r"3 classes[\s\S]*2 in[\s\S]*Dense\(3"):
            evaluate(model, data)


def test_when_an_estimator_takes_pictures_then_its_probabilities_are_used(data):
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer

    flatten = FunctionTransformer(lambda images: images.reshape(len(images), -1) / 255)
    estimator = make_pipeline(flatten, LogisticRegression(max_iter=200)).fit(data.images, data.labels)
    report = evaluate(estimator, data)
    assert report.accuracy == estimator.score(data.images, data.labels)
    assert report.probabilities is not None and report.output == "probabilities"


def test_when_an_estimator_wants_rows_then_the_error_gives_the_line(data):
    from sklearn.dummy import DummyClassifier
    from sklearn.tree import DecisionTreeClassifier

    flat = data.images.reshape(60, -1) / 255
    estimator = DecisionTreeClassifier(random_state=0).fit(flat, data.labels)
    with pytest.raises(InputError, match=r"images\.reshape\(len\(images\), -1\)"):
        evaluate(estimator, data)
    assert evaluate(lambda images: estimator.predict(images.reshape(len(images), -1) / 255), data).accuracy == 1
    assert evaluate(DummyClassifier().fit(flat, data.labels), data).n == 60


@pytest.mark.parametrize(
    "model", [lambda batch: np.zeros(3), lambda batch: np.zeros((len(batch), 2, 2)), lambda batch: 0, "a model"]
)
def test_when_a_classifier_answers_nonsense_then_the_error_says_what_is_wanted(data, model):
    with pytest.raises(InputError, match="expected"):
        evaluate(model, data)


def test_when_a_classifier_gives_one_number_per_image_in_a_column_then_the_error_says_why_not(data):
    with pytest.raises(InputError, match="one number per class"):
        evaluate(lambda batch: np.zeros((len(batch), 1)), data)


@pytest.mark.parametrize("batch_size", [0, -1, 2.5, "many"])
def test_when_batch_size_makes_no_sense_then_the_error_says_so(data, batch_size):
    with pytest.raises(InputError, match="batch_size"):
        evaluate(answering(data.labels), data, batch_size=batch_size)


def test_when_there_are_no_images_then_the_error_says_so():
    with pytest.raises(InputError, match="no images"):
        evaluate(lambda images: np.zeros(len(images), int), (np.zeros((0, 4, 4, 1), "uint8"), np.zeros(0, int)))


def test_when_no_split_is_given_then_the_error_shows_one(data):
    with pytest.raises(InputError, match=r"data\.test"):
        evaluate(answering(data.labels), data.images)


def test_when_a_report_is_printed_then_it_has_the_numbers_that_matter(data):
    predicted = data.labels.copy()
    dogs = np.flatnonzero(predicted == 1)[:4]
    predicted[dogs] = 2
    report = evaluate(answering(predicted), data)
    text = str(report)
    assert f"accuracy             {56 / 60:.4f}" in text
    assert "95 % interval 0.8407 to 0.9738" in text
    assert "60 (test), 4 wrong" in text
    assert "dog taken for fox, 4 times" in text
    assert text.split("weakest classes")[1].split()[0] == "dog"
    assert repr(report) == text
    html = report._repr_html_()
    assert "<table" in html and "dog taken for fox, 4 times" in html and f"{56 / 60:.4f}" in html


def test_when_class_names_contain_markup_then_the_table_escapes_it(data):
    report = evaluate(answering(1 - np.minimum(data.labels, 1)), data, classes=("<b>", "<script>", "c"))
    assert "<script>" not in report._repr_html_() and "&lt;script&gt;" in report._repr_html_()


def test_when_everything_is_right_then_no_pair_is_confused(data):
    report = evaluate(answering(data.labels), data)
    assert report.most_confused() is None and "no mistakes" in str(report)
    assert len(report.mistakes) == 0


def test_when_a_report_is_changed_then_it_refuses(data):
    report = evaluate(answering(data.labels), data)
    with pytest.raises(dataclasses.FrozenInstanceError):
        report.accuracy = 1


@pytest.mark.parametrize(("successes", "n"), [(0, 10), (10, 10), (9, 10), (9000, 10000), (1, 1)])
def test_when_an_interval_is_computed_then_it_is_that_of_scipy(successes, n):
    expected = stats.binomtest(successes, n).proportion_ci(0.95, method="wilson")
    assert wilson_interval(successes, n) == pytest.approx((expected.low, expected.high), abs=1e-6)


def test_when_evaluating_then_memory_stays_in_the_order_of_a_batch():
    import tracemalloc

    images = np.zeros((20_000, 32, 32, 3), dtype="uint8")  # 61 MB; as floats 246 MB
    images[:, 0, 0, 0] = 255
    split = (images, np.zeros(20_000, dtype=int))

    def predict(batch):
        scaled = batch.astype("float32") / 255
        return np.column_stack([scaled.mean(axis=(1, 2, 3)) + 1, np.zeros(len(batch))])

    tracemalloc.start()
    cu.evaluate(predict, split)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20e6


def test_when_features_are_given_then_the_model_sees_them_and_the_report_keeps_the_images(data, probabilities):
    report = evaluate(lambda rows: rows, data, features=probabilities, batch_size=7)
    assert report.accuracy == pytest.approx(metrics.accuracy_score(data.labels, probabilities.argmax(axis=1)))
    assert report.split_name == "test"
    np.testing.assert_array_equal(report.images, data.images)


def test_when_features_are_not_as_many_as_images_then_it_says_so(data, probabilities):
    with pytest.raises(InputError, match="its row of features"):
        evaluate(lambda rows: rows, data, features=probabilities[:-1])
