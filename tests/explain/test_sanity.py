"""What every method must do: find what decides, and change with the weights; and the same with every backend."""

import importlib.util
import os
import subprocess
import sys

import numpy as np
import pytest
from scipy.stats import spearmanr

keras = pytest.importorskip("keras")

from explain_samples import PLACE, noise_pictures, place_model, random_model, squares  # noqa: E402

from course_utils import explain  # noqa: E402

METHODS = ["grad_cam", "saliency", "occlusion"]


@pytest.mark.parametrize("method", METHODS)
def test_the_patch_that_alone_decides_is_found(method):
    picture = np.full((1, 16, 16, 1), 10, dtype="uint8")
    picture[(0, *PLACE)] = 250
    heat = getattr(explain, method)(place_model(), picture, classes=1)[0]
    row, column = np.unravel_index(heat.argmax(), heat.shape)
    assert PLACE[0].start <= row < PLACE[0].stop and PLACE[1].start <= column < PLACE[1].stop


@pytest.mark.parametrize("method", ["saliency", "occlusion"])
def test_a_patch_that_does_not_decide_stays_dark(method):
    # Grad-CAM cannot tell the two: it weighs channels, not places.
    heat = getattr(explain, method)(place_model(), squares(), classes=1)[0]
    assert np.abs(heat[1:6, 9:14]).max() < 0.02 * heat.max()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("randomised", [["scores"], ["first"], ["first", "second", "scores"]])
def test_when_weights_are_randomised_then_the_map_changes(method, randomised):
    # The sanity check of Adebayo et al. 2018, "Sanity Checks for Saliency Maps" (arXiv:1810.03292): a method that
    # shows the edges of the picture whatever the network has learned fails it.
    explained, pictures = getattr(explain, method), noise_pictures(4)
    model, other, *fresh = (random_model(activation="tanh", seed=seed) for seed in (0, 0, 1, 2, 3))
    maps = explained(model, pictures, classes=0)
    assert likeness(maps, explained(other, pictures, classes=0)) == pytest.approx(1, abs=1e-3)
    found = []
    for weights in fresh:
        for name in randomised:
            other.get_layer(name).set_weights(weights.get_layer(name).get_weights())
        found.append(likeness(maps, explained(other, pictures, classes=0)))
    assert np.mean(found) < 0.6


def likeness(maps, others):
    """Mean over the pictures of the rank correlation of two maps; an empty map is like no other."""
    pairs = [(one.ravel(), other.ravel()) for one, other in zip(maps, others, strict=True)]
    return np.mean([spearmanr(*pair).statistic if min(map(np.ptp, pair)) > 0 else 0 for pair in pairs])


def every_answer():
    """Return arrays from each public function, on models with each kind of ending."""
    pictures, answers = noise_pictures(), []
    for ending in ("softmax", "op", "layer", None, "binary", "binary logits"):
        model = place_model(ending)
        answers += [getattr(explain, method)(model, squares(), classes=[0, 1]) for method in METHODS]
        answers.append(explain.saliency(model, squares(), noisy_copies=3, batch_size=2))
    model = random_model()
    rng = np.random.default_rng(0)
    model.set_weights([rng.normal(0, 0.3, weight.shape) for weight in model.get_weights()])
    answers += [getattr(explain, method)(model, pictures) for method in METHODS]
    found = explain.strongest(model, pictures, "second")
    answers += [explain.feature_maps(model, pictures, "second"), explain.conv_kernels(model), found.values]
    return [*answers, found.windows]


OTHER_BACKEND = """
import sys
import numpy as np
sys.path.insert(0, "tests/explain")
from test_sanity import every_answer
np.savez({path!r}, *every_answer())
"""


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_when_the_backend_is_another_then_the_answers_are_the_same(backend, tmp_path):
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed")
    path = tmp_path / "answers.npz"
    environment = {**os.environ, "KERAS_BACKEND": backend, "PYTHONPATH": os.pathsep.join(["tests", *sys.path])}
    code = OTHER_BACKEND.format(path=str(path))
    subprocess.run([sys.executable, "-c", code], env=environment, check=True, timeout=300)
    with np.load(path) as theirs:
        for ours, name in zip(every_answer(), theirs.files, strict=True):
            np.testing.assert_allclose(theirs[name], ours, atol=1e-4)
