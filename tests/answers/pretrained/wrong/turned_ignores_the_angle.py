# task: turned
# fails: turned-angles
# says: every angle
def turned(file, number, angles):
    return [predict(network.preprocess(file)[None])[0, number].item() for angle in angles]
