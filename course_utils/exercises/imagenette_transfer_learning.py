"""Checks of notebook 05; here: from 1,000 scores to ten shares and a rest."""

import numpy as np

from . import (  # noqa: F401 - they register theirs
    imagenette_transfer_learning_lab,
    imagenette_transfer_learning_split,
    imagenette_transfer_learning_values,
)
from .judging import Mistake, judge_function
from .registry import exercise


def _softmax(scores, axis=1):
    powers = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


def _others(table, groups):
    """Return the columns that belong to no group, (n, m)."""
    return np.delete(table, np.concatenate([list(group) for group in groups]), axis=1)


def _pooled(table, groups, how):
    """Return one column for each group and one for all others, (n, k + 1)."""
    columns = [how(table[:, list(group)], axis=1) for group in groups]
    return np.stack([*columns, how(_others(table, groups), axis=1)], axis=1)


def _completed(ours):
    return np.concatenate([ours, 1 - ours.sum(axis=1, keepdims=True)], axis=1)


def _group_shares(logits, groups):
    return _pooled(_softmax(logits), groups, np.sum)


def _with_rest(logits, groups, how):
    """Return the right shares with another kind of rest."""
    shares = _softmax(logits)
    ours = _pooled(shares, groups, np.sum)[:, :-1]
    return np.column_stack([ours, how(_others(shares, groups), axis=1)])


def _naive(logits, groups):
    powers = np.exp(logits)
    return _completed(_pooled(powers / powers.sum(axis=1, keepdims=True), groups, np.sum)[:, :-1])


def _winners(logits, groups):
    return _pooled(np.eye(logits.shape[1])[logits.argmax(axis=1)], groups, np.sum)


def _kinds(name, answers, *said):
    """One mistake that can be made in several ways."""
    return [Mistake(name, answer, *said) for answer in answers]


def _only_ours(how):
    def answer(logits, groups):
        ours = _softmax(_pooled(logits, groups, how)[:, :-1])
        return np.concatenate([ours, 0 * ours[:, :1]], axis=1)

    return answer


def _softmax_of_ours(logits, groups):
    members = np.concatenate([list(group) for group in groups])
    shares = np.zeros(logits.shape)
    shares[:, members] = _softmax(logits[:, members])
    return _pooled(shares, groups, np.sum)


_GROUP_MISTAKES = (
    Mistake(
        "overflow",
        _naive,
        "For ordinary scores all is well. For large ones `e` to their power is infinite, and ∞/∞ is not a number.",
        "You met this in exercise 02.1. What may be taken away from all scores of a picture?",
        "Subtract each row's largest score before you take the powers, or use a softmax that does.",
    ),
    *_kinds(
        "softmax-over-ours",
        [_softmax_of_ours, _only_ours(np.max), _only_ours(np.mean), _only_ours(np.sum)],
        "The shares of our classes add up to 1, and nothing is left for 'something else'. The softmax has been taken "
        "over our classes only: asked like that, the network must choose one of ours, whatever is in the picture.",
        "First the probabilities of all classes, then pick ours.",
        "Take the softmax over the whole row, all 1,000 scores; what our groups do not get is the rest.",
    ),
    *_kinds(
        "mean-not-sum",
        [
            lambda z, groups: _completed(_pooled(_softmax(z), groups, np.mean)[:, :-1]),
            lambda z, groups: _pooled(_softmax(z), groups, np.mean),
        ],
        "The probabilities of a group are averaged. With 'a cat is 0.3 Persian and 0.4 tabby' it is a cat with 0.7, "
        "not with 0.35; an average punishes large groups.",
        "Either the one or the other: how do probabilities of things that exclude each other combine?",
        "`.sum(axis=1)` over the columns of each group.",
    ),
    *_kinds(
        "best-not-sum",
        [
            lambda z, groups: _completed(_pooled(_softmax(z), groups, np.max)[:, :-1]),
            lambda z, groups: _pooled(_softmax(z), groups, np.max),
        ],
        "You take the largest probability of each group. That is enough to find a winner, but as a probability it is "
        "too small: the other members of the group are lost.",
        "Persian or tabby: either makes it a cat. How do the probabilities of the two combine?",
        "`.sum(axis=1)` over the columns of each group.",
    ),
    *_kinds(
        "pooled-too-early",
        [
            lambda z, groups: _softmax(_pooled(z, groups, np.max)),
            lambda z, groups: _softmax(_pooled(z, groups, np.mean)),
            lambda z, groups: _softmax(_pooled(z, groups, np.sum)),
        ],
        "The scores of each group were combined before the softmax. Scores are no shares: adding, averaging or "
        "choosing among them is not the same as adding the probabilities.",
        "Which comes first, the softmax or the groups?",
        "Softmax over all classes first, then add within each group.",
    ),
    *_kinds(
        "scores-not-probabilities",
        [
            lambda z, groups: _completed(_pooled(z, groups, np.sum)[:, :-1]),
            lambda z, groups: _pooled(z, groups, np.sum),
            lambda z, groups: _completed(_pooled(z, groups, np.max)[:, :-1]),
            lambda z, groups: _pooled(z, groups, np.max),
        ],
        "These are still scores: some are negative, or larger than 1. `top=True` answers with raw scores.",
        "What turns a row of scores into probabilities?",
        "A softmax along each row, before anything else.",
    ),
    Mistake(
        "argmax-too-early",
        _winners,
        "You find the best of all classes first and give its group everything. Softer: every class keeps its share, "
        "also when another one is ahead.",
        "Leave `argmax` out: add up probabilities.",
        "Softmax over all classes, then the sum within each group.",
    ),
    Mistake(
        "rest-forgotten",
        lambda z, groups: _pooled(_softmax(z), groups, np.sum)[:, :-1],
        "The shares of the groups are right. The last column is missing: what is left for all other classes.",
        "A row of probabilities adds up to 1. How much is not given to any of the groups?",
        "1 minus the sum of the row, as one more column: `np.concatenate([...], axis=1)` or `np.column_stack`.",
    ),
    *_kinds(
        "rest-is-one-class",
        [
            lambda z, groups: _with_rest(z, groups, np.max),
            lambda z, groups: _with_rest(z, groups, np.mean),
        ],
        "The shares of the groups are right. The last column holds only one of the other classes (the best of them, "
        "or their average); it should hold all others together.",
        "Every row must add up to 1.",
        "1 minus the sum of the groups' shares.",
    ),
    Mistake(
        "rest-first",
        lambda z, groups: np.roll(_group_shares(z, groups), 1, axis=1),
        "All numbers are right, but 'something else' stands in the first column, which moves all classes by one.",
        "Group number k belongs in column k.",
        "The rest comes last.",
    ),
    *_kinds(
        "columns-not-rows",
        [
            lambda z, groups: _pooled(_softmax(z, axis=0), groups, np.sum),
            lambda z, groups: _completed(_pooled(_softmax(z, axis=0), groups, np.sum)[:, :-1]),
        ],
        "The softmax runs down the columns, over the pictures. A row is one picture: its probabilities add up to 1.",
        "Which axis runs over the classes?",
        "`axis=1`.",
    ),
    *_kinds(
        "whole-table",
        [
            lambda z, groups: _pooled(_softmax(z, axis=None), groups, np.sum),
            lambda z, groups: _completed(_pooled(_softmax(z, axis=None), groups, np.sum)[:, :-1]),
        ],
        "The softmax was taken over the whole table: all pictures together share out 1.",
        "Every picture has probabilities of its own.",
        "`sum(axis=1, keepdims=True)`, one sum per row.",
    ),
    Mistake(
        "transposed",
        lambda z, groups: _group_shares(z, groups).T,
        "The numbers are right, but rows and columns are exchanged.",
        "One row for each picture, one column for each group and one for the rest.",
        "`np.stack(..., axis=1)`, or `.T` at the end.",
    ),
)


def _group_cases():
    rng = np.random.default_rng(52)
    ten = np.split(rng.permutation(1000)[:60], [1, 2, 9, 12, 13, 20, 31, 40, 52])
    large = np.array([[1000.0, 998.0, 999.0, -5.0, 1001.0], [2.0, -1.0, 0.0, 900.0, 899.0]])
    return [
        (rng.normal(scale=2, size=(4, 1000)).astype("float32"), [group.tolist() for group in ten]),
        (rng.normal(scale=2, size=(3, 12)), [(0, 3), (5,), (7, 8, 9)]),
        (rng.normal(size=(1, 7)) - 6, [[6, 1]]),
        (rng.normal(scale=3, size=(6, 9)), [[8], [2, 0, 4], [1, 3]]),
        (large, [[0], [1, 4]]),
    ]


def _describe_group_case(case):
    logits, groups = case
    kind = "large" if np.abs(logits).max() > 500 else "ordinary"
    count = "1 group" if len(groups) == 1 else f"{len(groups)} groups"
    return f"{len(logits)} × {logits.shape[1]} {kind} scores and {count} of classes"


@exercise(
    "05.2",
    "group_shares",
    "ten shares, and something else",
    why="Now the network may also answer 'none of these', and you can see how often it does. On pictures unlike those "
    "it was trained on, that share is the first thing to look at.",
)
def _group_shares_check(answer):
    judge_function(
        answer,
        _group_shares,
        _group_cases(),
        _GROUP_MISTAKES,
        what="Your group_shares",
        names=("logits", "groups"),
        describe=_describe_group_case,
    )
