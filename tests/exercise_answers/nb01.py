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


RIGHT = {"conv2d": [conv2d_loops, conv2d_scipy, conv2d_float64]}
WRONG = {
    "conv2d": [
        Wrong("kernel-flipped", conv2d_flipped),
        Wrong("stride-ignored", conv2d_no_stride),
        Wrong("same-padding", conv2d_same),
        Wrong("axes-swapped", conv2d_columns_first),
        Wrong("mean-not-sum", conv2d_mean),
    ],
}
