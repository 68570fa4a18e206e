# task: f4
import math


def f4(variable, graph):
    backward = variable * graph
    gradients = math.log(backward) + math.sqrt(graph)
    output = gradients * gradients - variable
    up = 2 * gradients
    return output, (up / variable - 1, up * (1 / graph + 0.5 / math.sqrt(graph)))
