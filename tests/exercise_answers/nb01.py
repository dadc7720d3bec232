"""Answers to the exercises of notebook 01."""

import numpy as np
from scipy import signal

from exercise_answers import Wrong


def conv2d_loops(image, kernel, stride):
    rows, columns = kernel.shape
    result = []
    for top in range(0, image.shape[0] - rows + 1, stride):
        line = []
        for left in range(0, image.shape[1] - columns + 1, stride):
            total = 0.0
            for i in range(rows):
                for j in range(columns):
                    total += float(image[top + i, left + j]) * float(kernel[i, j])
            line.append(total)
        result.append(line)
    return result


def conv2d_scipy(image, kernel, stride):
    return signal.correlate2d(image, kernel, mode="valid")[::stride, ::stride]


def conv2d_float64(image, kernel, stride):
    windows = np.lib.stride_tricks.sliding_window_view(image.astype("float64"), kernel.shape)
    return np.einsum("abij,ij->ab", windows, kernel)[::stride, ::stride]


def conv2d_flipped(image, kernel, stride):
    return signal.convolve2d(image, kernel, mode="valid")[::stride, ::stride]


def conv2d_no_stride(image, kernel, stride):
    return signal.correlate2d(image, kernel, mode="valid")


def conv2d_same(image, kernel, stride):
    return signal.correlate2d(image, kernel, mode="same")[::stride, ::stride]


def conv2d_columns_first(image, kernel, stride):
    return np.array(conv2d_loops(image, kernel, stride)).T


def conv2d_mean(image, kernel, stride):
    return np.array(conv2d_loops(image, kernel, stride)) / (kernel.shape[0] * kernel.shape[1])


def conv2d_window_steps(image, kernel, stride):
    (high, wide), (h, w) = kernel.shape, image.shape
    rows, columns = (h - high) // stride + 1, (w - wide) // stride + 1
    return [[(image[r : r + high, c : c + wide] * kernel).sum() for c in range(columns)] for r in range(rows)]


def conv2d_thins_out(image, kernel, stride):
    return signal.correlate2d(image[::stride, ::stride], kernel, mode="valid")


def conv2d_without_the_first_place(image, kernel, stride):
    rows, columns = (image.shape[0] - kernel.shape[0]) // stride, (image.shape[1] - kernel.shape[1]) // stride
    return np.array(conv2d_loops(image, kernel, stride))[:rows, :columns]


def conv2d_into_whole_numbers(image, kernel, stride):
    answers = np.zeros(np.shape(conv2d_loops(image, kernel, stride)), dtype=int)
    for row, line in enumerate(conv2d_loops(image, kernel, stride)):
        for column, value in enumerate(line):
            answers[row, column] = value
    return answers


def conv2d_stops_early(image, kernel, stride):
    height, width = image.shape[0] - kernel.shape[0], image.shape[1] - kernel.shape[1]
    return [
        [(image[r : r + len(kernel), c : c + kernel.shape[1]] * kernel).sum() for c in range(0, width, stride)]
        for r in range(0, height, stride)
    ]


def conv2d_returns_in_the_loop(image, kernel, stride):
    answers = np.zeros(np.shape(conv2d_loops(image, kernel, stride)))
    for row in range(len(answers)):
        for column in range(answers.shape[1]):
            top, left = row * stride, column * stride
            window = image[top : top + kernel.shape[0], left : left + kernel.shape[1]]
            answers[row, column] = (window * kernel).sum()
        return answers
    raise AssertionError


def conv2d_forgets_to_return(image, kernel, stride):
    result = conv2d_scipy(image, kernel, stride)
    result.sum()


def layer_loops(image, kernels, biases):
    (h, w, _), (k, _, _, f) = image.shape, kernels.shape
    result = np.zeros((h - k + 1, w - k + 1, f))
    for j in range(f):
        for r in range(h - k + 1):
            for c in range(w - k + 1):
                result[r, c, j] = (image[r : r + k, c : c + k] * kernels[:, :, :, j]).sum() + biases[j]
    return result


def make_layer_keras():
    from keras import ops

    return lambda image, kernels, biases: ops.conv(image[None], kernels, padding="valid")[0] + biases


def _maps(image, kernels, combine=sum):
    channels, f = kernels.shape[2:]
    return [
        combine([signal.correlate2d(image[:, :, c], kernels[:, :, c, j], "valid") for c in range(channels)])
        for j in range(f)
    ]


def layer_scipy(image, kernels, biases):
    return np.dstack(_maps(image, kernels)) + biases


def layer_without_bias(image, kernels, biases):
    return np.dstack(_maps(image, kernels))


def layer_bias_inside_the_channel_loop(image, kernels, biases):
    channels, f = kernels.shape[2:]
    maps = []
    for j in range(f):
        total = 0
        for c in range(channels):
            total = total + signal.correlate2d(image[:, :, c], kernels[:, :, c, j], "valid") + biases[j]
        maps.append(total)
    return np.dstack(maps)


def layer_mean_of_channels(image, kernels, biases):
    return np.dstack(_maps(image, kernels, lambda parts: np.mean(parts, axis=0))) + biases


def layer_red_only(image, kernels, biases):
    return np.dstack(_maps(image, kernels, lambda parts: parts[0])) + biases


def layer_last_channel(image, kernels, biases):
    maps = []
    for j in range(kernels.shape[3]):
        for c in range(kernels.shape[2]):
            total = signal.correlate2d(image[:, :, c], kernels[:, :, c, j], "valid")
        maps.append(total + biases[j])
    return np.dstack(maps)


def layer_never_set_to_0(image, kernels, biases):
    maps, total = [], 0
    for j in range(kernels.shape[3]):
        for c in range(kernels.shape[2]):
            total = total + signal.correlate2d(image[:, :, c], kernels[:, :, c, j], "valid")
        maps.append(total + biases[j])
    return np.dstack(maps)


def layer_into_whole_numbers(image, kernels, biases):
    return [[[int(value) for value in place] for place in line] for line in layer_loops(image, kernels, biases)]


def layer_stacked_in_front(image, kernels, biases):
    return np.array(_maps(image, kernels)) + biases[:, None, None]


def layer_everything_added(image, kernels, biases):
    return sum(_maps(image, kernels)) + sum(biases)


def layer_strict_convolution(image, kernels, biases):
    return (
        np.dstack(
            [
                sum(signal.convolve2d(image[:, :, c], kernels[:, :, c, j], "valid") for c in range(image.shape[2]))
                for j in range(kernels.shape[3])
            ]
        )
        + biases
    )


def layer_channels_not_added(image, kernels, biases):
    channels, f = kernels.shape[2:]
    rows = [
        np.dstack([signal.correlate2d(image[:, :, c], kernels[:, :, c, j], "valid") + biases[j] for j in range(f)])
        for c in range(channels)
    ]
    return np.moveaxis(np.array(rows), 0, 2)


def _squares(picture, size, of):
    return [
        [of(picture[r * size : (r + 1) * size, c * size : (c + 1) * size]) for c in range(picture.shape[1] // size)]
        for r in range(picture.shape[0] // size)
    ]


def pool_loops(picture, size):
    return _squares(picture, size, np.max)


def make_pool_keras():
    from keras import ops

    return lambda picture, size: ops.max_pool(picture[None, :, :, None].astype("float32"), size, size)[0, :, :, 0]


def pool_windows(picture, size):
    return np.lib.stride_tricks.sliding_window_view(picture, (size, size))[::size, ::size].max(axis=(2, 3))


def pool_mean(picture, size):
    return _squares(picture, size, np.mean)


def pool_stride_1(picture, size):
    return np.lib.stride_tricks.sliding_window_view(picture, (size, size)).max(axis=(2, 3))


def pool_from_zero(picture, size):
    return _squares(picture, size, lambda square: max(0, *square.ravel()))


def pool_from_minus_one(picture, size):
    return _squares(picture, size, lambda square: max(-1, *square.ravel()))


def pool_same(picture, size):
    h, w = picture.shape
    return np.array([[picture[r : r + size, c : c + size].max() for c in range(0, w, size)] for r in range(0, h, size)])


def pool_steps(picture, size):
    h, w = picture.shape
    return [[picture[r : r + size, c : c + size].max() for c in range(w // size)] for r in range(h // size)]


def pool_stops_early(picture, size):
    h, w = picture.shape
    return [
        [picture[r : r + size, c : c + size].max() for c in range(0, w - size, size)] for r in range(0, h - size, size)
    ]


def pool_into_whole_numbers(picture, size):
    result = np.zeros((picture.shape[0] // size, picture.shape[1] // size), dtype=int)
    result[:] = np.array(pool_loops(picture, size))
    return result


def pool_strips(picture, size):
    rows, columns = picture.shape[0] // size, picture.shape[1] // size
    return picture[: rows * size, : columns * size].reshape(rows, columns, size, size).max(axis=3).max(axis=2)


def pool_without_cutting(picture, size):
    rows, columns = picture.shape[0] // size, picture.shape[1] // size
    return picture.reshape(rows, size, columns, size).max(axis=(1, 3))


def pool_corner(picture, size):
    return _squares(picture, size, lambda square: square[0, 0])


def pool_absolute(picture, size):
    return _squares(np.abs(picture), size, np.max)


def pool_in_place(picture, size):
    result = _squares(picture, size, np.max)
    picture[:] = 0
    return result


SLASH = np.array([[-2, -1, 0], [-1, 0, 1], [0, 1, 2]])
X = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])


def sizes(first, second, third, padding):
    return {"first": first, "second": second, "third": third, "padding": padding}


RIGHT = {
    "diagonal_edges": [
        SLASH,
        [[1, 1, 0], [1, 0, -1], [0, -1, -1]],  # the other sign, as a list
        np.array([[-1, -1, 2], [-1, 2, -1], [2, -1, -1]], "float32") / 6,  # a painted slash
        (X + X.T).reshape(3, 3, 1, 1) / np.sqrt(2),  # as turned_sobel gives it
        np.add.outer(np.arange(-3, 4), np.arange(-3, 4)),  # 7×7
    ],
    "conv2d": [conv2d_loops, conv2d_scipy, conv2d_float64],
    "output_sizes": [sizes(23, 25, 19, 3), (23.0, np.int64(25), 19, 3)],
    "many_channels": [layer_loops, make_layer_keras, layer_scipy],
    "max_pool": [pool_loops, make_pool_keras, pool_windows],
    "speckles": ["d", " D ", "d) the subtraction was done in uint8"],
}
WRONG = {
    "diagonal_edges": [
        Wrong("other-diagonal", SLASH[:, ::-1]),
        Wrong("finds-upright", X),
        Wrong("finds-level", X.T),
        Wrong("answers-to-flat", np.eye(3)[::-1]),
        Wrong("no-clear-preference", [[-1, 0], [0, 1]]),
        Wrong("no-clear-preference", [[0, 1, 0], [1, -4, 1], [0, 1, 0]]),
        Wrong("all-zero", np.zeros((3, 3))),
        Wrong("not-numbers", ["..#", ".#.", "#.."]),
        Wrong("uneven-rows", [[-2, -1, 0], [-1, 0], [0, 1, 2]]),
        Wrong("wrong-shape", [-2, -1, 0, -1, 0, 1, 0, 1, 2]),
        Wrong("nan", np.full((3, 3), np.nan)),
    ],
    "conv2d": [
        Wrong("kernel-flipped", conv2d_flipped),
        Wrong("stride-ignored", conv2d_no_stride),
        Wrong("same-padding", conv2d_same),
        Wrong("axes-swapped", conv2d_columns_first),
        Wrong("mean-not-sum", conv2d_mean),
        Wrong("last-place-missing", conv2d_stops_early),
        Wrong("window-steps", conv2d_window_steps),
        Wrong("picture-thinned-out", conv2d_thins_out),
        Wrong("jumps-not-places", conv2d_without_the_first_place),
        Wrong("fractions-cut", conv2d_into_whole_numbers),
        Wrong("never-filled-in", conv2d_returns_in_the_loop),
        Wrong("returns-nothing", conv2d_forgets_to_return),
    ],
    "output_sizes": [
        Wrong("place-zero-forgotten", sizes(22, 24, 18, 3)),
        Wrong("rounded-up", sizes(24, 26, 20, 3)),
        Wrong("stride-ignored", sizes(92, 94, 88, 3)),
        Wrong("padding-once", sizes(23, 23, 17, 3)),
        Wrong("padding-ignored", sizes(23, 21, 15, 3)),
        Wrong("not-in-a-row", sizes(23, 98, 90, 3)),
        Wrong("dilation-ignored", sizes(23, 25, 23, 3)),
        Wrong("reach-too-wide", sizes(23, 25, 17, 4)),
        Wrong("both-sides-together", sizes(23, 25, 19, 6)),
        Wrong("dilation-ignored", sizes(23, 25, 19, 1)),
        Wrong("as-wide-as-the-reach", sizes(23, 25, 19, 7)),
        Wrong("wrong-value", sizes(23, 25, 40, 3)),
        Wrong("text-not-number", sizes("23", "25", "19", "3")),
        Wrong("text-not-number", sizes(23, 25, 19, "3")),
        Wrong("incomplete", sizes(23, 25, ..., ...)),
        Wrong("wrong-type", 23),
    ],
    "many_channels": [
        Wrong("bias-forgotten", layer_without_bias),
        Wrong("bias-per-channel", layer_bias_inside_the_channel_loop),
        Wrong("channels-averaged", layer_mean_of_channels),
        Wrong("first-channel-only", layer_red_only),
        Wrong("last-channel-only", layer_last_channel),
        Wrong("kernels-pile-up", layer_never_set_to_0),
        Wrong("fractions-cut", layer_into_whole_numbers),
        Wrong("kernels-first", layer_stacked_in_front),
        Wrong("kernels-added", layer_everything_added),
        Wrong("kernel-flipped", layer_strict_convolution),
        Wrong("channels-apart", layer_channels_not_added),
    ],
    "max_pool": [
        Wrong("mean-not-max", pool_mean),
        Wrong("squares-overlap", pool_stride_1),
        Wrong("squares-overlap", pool_steps),
        Wrong("last-square-missing", pool_stops_early),
        Wrong("fractions-cut", pool_into_whole_numbers),
        Wrong("starts-at-zero", pool_from_zero),
        Wrong("wrong-values", pool_from_minus_one),
        Wrong("leftovers-kept", pool_same),
        Wrong("leftovers-in-the-way", pool_without_cutting),
        Wrong("cut-into-strips", pool_strips),
        Wrong("first-of-each-square", pool_corner),
        Wrong("largest-without-sign", pool_absolute),
        Wrong("input-changed", pool_in_place),
    ],
    "speckles": [
        Wrong("channels-swapped", "a"),
        Wrong("rows-and-columns", "B"),
        Wrong("kernel-turned", "c) turned"),
        Wrong("cut-off-not-rounded", "e"),
        Wrong("clipped", "f."),
        Wrong("no-such-suspect", "uint8"),
        Wrong("no-such-suspect", "d or e"),
        Wrong("no-such-suspect", 4),
    ],
}
