"""What is compared with what, and what the course must reach: all of it is data, in this one place.

Accuracies are means over the seeds, on the official test images. Times are CPU seconds of the recipe's work, as a
share of what the reference recipe needs on the same machine: on CPUs only such ratios carry over to another machine.
They are the course's own aims, set beside published anchors: tuomaso/train_mnist_fast (MNIST), the table of
zalandoresearch/fashion-mnist, KellerJordan/cifar10-airbench and tysam-code/hlb-CIFAR10 (CIFAR-10), and the leaderboard
of fastai/imagenette.
"""

from dataclasses import dataclass

from course_utils.errors import UnknownNameError


@dataclass(frozen=True)
class Goal:
    """An accuracy and the time it may take.

    Attributes
    ----------
    text : str
        In words, for the table.
    accuracy : float or None
        To reach, in [0, 1].
    share : float or None
        Of the reference's CPU seconds, at most.
    cpu_minutes : float or None
        At most so many, where the goal is no share.
    wall_minutes : float or None
        At most so many by the clock on the wall, on at most 2 threads.
    cached : bool
        True: the time is that of a second run, which found in the cache what the first one left there.
    final : bool
        True: the recipe's accuracy at its end and all its time; False: the first epoch from which on it stays reached.
    parameters : int or None
        At most so many.
    """

    text: str
    accuracy: float | None = None
    share: float | None = None
    cpu_minutes: float | None = None
    wall_minutes: float | None = None
    cached: bool = False
    final: bool = False
    parameters: int | None = None


@dataclass(frozen=True)
class CourseRecipe:
    """A recipe of the course's notebooks.

    Attributes
    ----------
    name : str
        As given to ``cu.record``.
    notebook : str
        Its number.
    budget : str
    test : str
        An expression in the notebook's names, and ``model``: the accuracy on the test images.
    goals : tuple of Goal
        What it must reach.
    override : str
        Rows of the notebook's budget table that are changed, as in ``COURSE_OVERRIDE``, for example ``"epochs=3"``.
    prepare : str
        An expression in the notebook's names that is computed before the first ``fit``: work that belongs to the recipe
        and that `test` would else do unmeasured.
    most_seeds : int or None
        So many of the seeds at most, where a run takes long.
    parameters : int or None
        Where the recipe does not record them.
    twice : bool
        True: it is run once more with what the first run left in the cache, for a goal that is `cached`.
    """

    name: str
    notebook: str
    budget: str
    test: str
    goals: tuple[Goal, ...] = ()
    override: str = ""
    prepare: str = ""
    most_seeds: int | None = None
    parameters: int | None = None
    twice: bool = False

    @property
    def label(self) -> str:
        """Its name, its budget and what is changed in it."""
        return ", ".join(filter(None, [self.name, self.budget, self.override]))


@dataclass(frozen=True)
class Target:
    """A reference recipe, the course's recipes for the same work, and what they must reach.

    Attributes
    ----------
    name : str
        Also that of the reference.
    title, dataset : str
    courses : tuple of CourseRecipe
    stretch : str
        What would be better still.
    note : str
        What else to know when reading the row.
    reference_seeds : int or None
        So many of the seeds at most for the reference, where it takes long.
    """

    name: str
    title: str
    dataset: str
    courses: tuple[CourseRecipe, ...]
    stretch: str = ""
    note: str = ""
    reference_seeds: int | None = None

    @property
    def reference(self) -> str:
        """The name of the reference recipe."""
        return self.name


_WHOLE_TEST = "cu.evaluate(model, data.test).accuracy"
_TWO_LOOKS = "cu.evaluate(looking_twice(model), test, batch_size=64).accuracy"
_SCRATCH = "cu.evaluate(model, test.at(view), batch_size=32).accuracy"
_HEAD = "cu.evaluate(model, test, features=cu.features(backbone, test, batch_size=16)).accuracy"

_SMALL = 108_000

TARGETS = (
    Target(
        "mnist_dense",
        "MNIST, dense",
        "mnist",
        (
            CourseRecipe("mnist_dense", "02", "laptop", _WHOLE_TEST),
            CourseRecipe(
                "mnist_dense_finish", "02", "laptop", _WHOLE_TEST,
                (Goal("97.5 % in at most ½ of the time", 0.975, 0.5, final=True),),
                override="finish_epochs=2",
            ),
            CourseRecipe(
                "mnist_dense_finish", "02", "laptop", _WHOLE_TEST,
                (Goal("98.4 % at the end in at most 2× the time", 0.984, 2, final=True),),
            ),
        ),
        "98.8 %",
    ),
    Target(
        "mnist_cnn",
        "MNIST, convolution",
        "mnist",
        (
            CourseRecipe("mnist_cnn", "02", "laptop", _WHOLE_TEST),
            CourseRecipe(
                "mnist_cnn_finish", "02", "laptop", _WHOLE_TEST,
                (
                    Goal(
                        "99.3 % with at most 100,000 parameters in at most ½ of the time",
                        0.993, 0.5, final=True, parameters=100_000,
                    ),
                ),
            ),
        ),
        "99.5 %",
    ),
    Target(
        "lenet_fashion_mnist",
        "Fashion-MNIST, LeNet's size",
        "fashion_mnist",
        (
            CourseRecipe(
                "lenet_modern", "03", "laptop", _WHOLE_TEST,
                (Goal("90.7 % in at most ⅕ of the time", 0.907, 0.2, final=True, parameters=_SMALL),),
                override="modern_epochs=3 images=54000",
            ),
            CourseRecipe("lenet_modern", "03", "laptop", _WHOLE_TEST, override="modern_epochs=3"),
            CourseRecipe(
                "lenet_modern", "03", "laptop", _WHOLE_TEST,
                (Goal("92.5 % at the end in at most 1× the time", 0.925, 1, final=True, parameters=_SMALL),),
                override="modern_epochs=14",
            ),
        ),
        "93.5 %",
    ),
    Target(
        "cifar10_small",
        "CIFAR-10, small",
        "cifar10",
        (CourseRecipe("cifar10_fast", "04", "laptop", _TWO_LOOKS),),
    ),
    Target(
        "cifar10_deeper",
        "CIFAR-10, deeper",
        "cifar10",
        (
            CourseRecipe(
                "cifar10_fast", "04", "laptop", _TWO_LOOKS,
                (Goal("80 % in at most ⅛ of the time", 0.80, 0.125, final=True),),
            ),
            CourseRecipe(
                "cifar10_fine", "04", "full", _TWO_LOOKS,
                (Goal("91 % at the end in at most 1× the time", 0.91, 1, final=True),),
                most_seeds=1,
            ),
        ),
        "93 % in 1× the time, 94.5 % at all",
        reference_seeds=1,
    ),
    Target(
        "imagenette_scratch",
        "Imagenette, from scratch",
        "imagenette",
        (
            CourseRecipe("imagenette_scratch", "05", "laptop", _SCRATCH),
            CourseRecipe(
                "imagenette_scratch", "05", "full", _SCRATCH,
                (Goal("80 % at 128 px or less in at most 20 CPU minutes", 0.80, cpu_minutes=20),),
            ),
        ),
        "85.8 %",
        reference_seeds=1,
    ),
    Target(
        "imagenette_vgg16",
        "Imagenette, borrowed features",
        "imagenette",
        (
            CourseRecipe(
                "imagenette_head", "05", "laptop", _HEAD,
                (
                    Goal(
                        "97 % in at most 3 minutes on 2 cores, features included",
                        0.97, wall_minutes=3, final=True,
                    ),
                    Goal(
                        "97 % in at most 10 seconds with cached features",
                        0.97, wall_minutes=1 / 6, cached=True, final=True,
                    ),
                ),
                prepare="cu.features(backbone, test, batch_size=16)",
                twice=True,
            ),
        ),
        "98.5 %",
        "Parameters are those of the heads, without the borrowed backbones. 96.6 % of Imagenette's test images are "
        "among the images of ImageNet that such backbones were trained with; clean-500 are images that were not.",
        reference_seeds=1,
    ),
)  # fmt: skip


def select_targets(names=()) -> tuple[Target, ...]:
    """Choose targets by name, in the order of the course.

    Parameters
    ----------
    names : iterable of str
        Empty: all.

    Raises
    ------
    UnknownNameError
        If there is no such target; the message lists them, closest first.
    """
    names = tuple(names)
    known = {target.name: target for target in TARGETS}
    for name in names:
        if name not in known:
            raise UnknownNameError("benchmark", name, known, fix="course bench --list shows them.")
    return tuple(target for target in TARGETS if not names or target.name in names)
