# task: predict
# fails: predict-batch, classify-photos, classify-formats, turned-angles
# says: not written yet
def predict(batch):
    raise NotImplementedError
