# task: classify
from torchvision import transforms

prepare = transforms.Compose([
    transforms.Resize(256),
    transforms.CenterCrop(224),
    transforms.ToTensor(),
    transforms.Normalize([127 / 255] * 3, [128 / 255] * 3),
])


def classify(file):
    chances = predict(prepare(open_photo(file)).unsqueeze(0))[0]
    top = torch.topk(chances, 5)
    return [(int(k), float(p)) for k, p in zip(top.indices, top.values)]
