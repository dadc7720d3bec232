"""Looking into a trained network: what its layers answer, and which parts of a picture its answer comes from."""

from .activations import conv_kernels, feature_maps
from .grad_cam import grad_cam
from .occlusion import occlusion
from .saliency import saliency
from .strongest import Strongest, strongest

__all__ = ["Strongest", "conv_kernels", "feature_maps", "grad_cam", "occlusion", "saliency", "strongest"]
