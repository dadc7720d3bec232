"""The course's figures: one family per module, each returns ``(fig, ax)`` and carries its alt text."""

from .alt import alt_text
from .bars import show_bars
from .calibration import show_calibration
from .confusion import show_confusion, show_mistakes
from .distributions import show_class_counts, show_histogram
from .figures import Drawing
from .history import show_history
from .images import show_images
from .kernels import show_feature_maps, show_filters
from .lines import show_lines
from .overlays import show_grad_cam, show_occlusion, show_saliency
from .points import show_points
from .studies import show_importance, show_parallel_coordinates, show_study
from .style import PALETTE, plot_style

__all__ = [
    "PALETTE",
    "Drawing",
    "alt_text",
    "plot_style",
    "show_bars",
    "show_calibration",
    "show_class_counts",
    "show_confusion",
    "show_feature_maps",
    "show_filters",
    "show_grad_cam",
    "show_histogram",
    "show_history",
    "show_images",
    "show_importance",
    "show_lines",
    "show_mistakes",
    "show_occlusion",
    "show_parallel_coordinates",
    "show_points",
    "show_saliency",
    "show_study",
]
