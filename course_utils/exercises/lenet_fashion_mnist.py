"""Checks of notebook lenet_fashion_mnist."""
