# task: fc
def fc_forward(x, w, b):
    return np.einsum("ij,jk->ik", x, w) + b, {"inputs": x, "weights": w}


def fc_backward(grad_out, cache):
    return (
        np.einsum("ik,jk->ij", grad_out, cache["weights"]),
        np.einsum("ij,ik->jk", cache["inputs"], grad_out),
        np.einsum("ik->k", grad_out),
    )
