# task: f3
# fails: f3-backward
# says: grad_s
import math


def f3(s1, s2, y):
    if y not in (1, 2):
        raise ValueError("y must be 1 or 2")
    e1 = math.exp(s1)
    e2 = math.exp(s2)
    d = e1 + e2
    p1 = e1 / d
    p2 = e2 / d
    p = p1 if y == 1 else p2
    L = -math.log(p)
    dp = -1 / p
    dp1 = dp if y == 1 else 0
    dp2 = dp if y == 2 else 0
    dd = -dp1 * e1 / d**2 - dp2 * e2 / d**2
    de1 = dp1 / d + dd
    de2 = dp2 / d + dd
    return L, (de1, de2)
