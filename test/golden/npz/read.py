"""Prints what numpy reads of an archive, as JSON in the form of manifest.json."""

import json
import sys

import numpy as np

with np.load(sys.argv[1], allow_pickle=False) as archive:
    arrays = [
        {
            "name": name,
            "dtype": archive[name].dtype.name,
            "shape": list(archive[name].shape),
            "hex": np.ascontiguousarray(archive[name]).tobytes().hex(),
        }
        for name in archive.files
    ]
print(json.dumps(arrays))
