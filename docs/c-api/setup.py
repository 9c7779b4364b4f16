"""python setup.py build_ext --inplace"""

from Cython.Build import cythonize
from setuptools import Extension, setup

import serfast

example = Extension("example", ["example.pyx"], include_dirs=[serfast.get_include()])
setup(name="example", ext_modules=cythonize([example]), packages=[])
