# task: turned
def turned(file, number, angles):
    found = []
    for angle in angles:
        image = network.preprocess(open_photo(file).rotate(angle, expand=True))
        found.append(float(predict(image[None])[0][number]))
    return found
