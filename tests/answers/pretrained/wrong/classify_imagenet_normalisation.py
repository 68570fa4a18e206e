# task: classify
# fails: classify-photos, classify-formats
# says: normalis
from torchvision import transforms


def classify(file):
    prepare = transforms.Compose([
        transforms.Resize(256), transforms.CenterCrop(224), transforms.ToTensor(),
        transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
    ])
    x = prepare(open_photo(file))
    chances = predict(x[None])[0]
    values, numbers = chances.topk(5)
    return list(zip(numbers.tolist(), values.tolist()))
