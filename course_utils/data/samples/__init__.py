"""The bundled samples of real images, with their licences beside them."""
