"""Pre-trained networks, what they see in pictures, and the names of the classes they were trained on."""

from .backbones import backbone, backbone_names
from .extraction import features
from .imagenet import ImageNetClass, imagenet_classes

__all__ = ["ImageNetClass", "backbone", "backbone_names", "features", "imagenet_classes"]
