"""Start the kernel: ``python -m reactive_kernel -f CONNECTION_FILE``."""

from ipykernel.kernelapp import IPKernelApp

from reactive_kernel.kernel import ReactiveKernel

if __name__ == "__main__":
    IPKernelApp.launch_instance(kernel_class=ReactiveKernel)
