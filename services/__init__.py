"""The platform's services. None imports another; all may import the kernel."""
