"""Reads QR codes as a phone does once it has found the squares: the matrix, its mask, its codewords, the text.

Versions 1 to 5 (up to 106 octets), the byte mode alone; the error correction must agree letter by letter (ISO/IEC
18004). And the two kinds of pictures that the server makes, back into a matrix.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable, Iterator
from xml.etree import ElementTree

Matrix = list[list[bool]]  # rows of modules, True is dark

QUIET = 4
_CODEWORDS = {1: 26, 2: 44, 3: 70, 4: 100, 5: 134}
# (version, level) -> (error correction codewords of a block, blocks)
_BLOCKS = {
    (1, "L"): (7, 1), (1, "M"): (10, 1), (1, "Q"): (13, 1), (1, "H"): (17, 1),
    (2, "L"): (10, 1), (2, "M"): (16, 1), (2, "Q"): (22, 1), (2, "H"): (28, 1),
    (3, "L"): (15, 1), (3, "M"): (26, 1), (3, "Q"): (18, 2), (3, "H"): (22, 2),
    (4, "L"): (20, 1), (4, "M"): (18, 2), (4, "Q"): (26, 2), (4, "H"): (16, 4),
    (5, "L"): (26, 1), (5, "M"): (24, 2), (5, "Q"): (18, 4), (5, "H"): (22, 4),
}  # fmt: skip
_MASKS: list[Callable[[int, int], bool]] = [
    lambda i, j: (i + j) % 2 == 0,
    lambda i, j: i % 2 == 0,
    lambda i, j: j % 3 == 0,
    lambda i, j: (i + j) % 3 == 0,
    lambda i, j: (i // 2 + j // 3) % 2 == 0,
    lambda i, j: i * j % 2 + i * j % 3 == 0,
    lambda i, j: (i * j % 2 + i * j % 3) % 2 == 0,
    lambda i, j: ((i + j) % 2 + i * j % 3) % 2 == 0,
]
_FINDER = ["#######", "#.....#", "#.###.#", "#.###.#", "#.###.#", "#.....#", "#######"]


def read(matrix: Matrix) -> str:
    """The text of a code without its quiet zone."""
    size = len(matrix)
    version = (size - 17) // 4
    for top, left in ((0, 0), (0, size - 7), (size - 7, 0)):
        drawn = ["".join(".#"[dark] for dark in row[left : left + 7]) for row in matrix[top : top + 7]]
        assert drawn == _FINDER, "no finder pattern"
    places = [(8, j) for j in (0, 1, 2, 3, 4, 5, 7, 8)] + [(i, 8) for i in (7, 5, 4, 3, 2, 1, 0)]
    said = _number(matrix[i][j] for i, j in places) ^ 0b101010000010010
    level, mask = "MLHQ"[said >> 13], _MASKS[said >> 10 & 7]
    bits = [matrix[i][j] ^ mask(i, j) for i, j in _zigzag(size, version)]
    words = [_number(bits[at : at + 8]) for at in range(0, _CODEWORDS[version] * 8, 8)]
    data = _data_of(words, version, level)
    stream = "".join(f"{word:08b}" for word in data)
    assert stream[:4] == "0100", "not in byte mode"
    length = int(stream[4:12], 2)
    return bytes(int(stream[12 + 8 * n : 20 + 8 * n], 2) for n in range(length)).decode()


def of_png(data: bytes) -> Matrix:
    """Of a picture of one bit a pixel, after taking its quiet zone off, which must be white."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    at, packed, header = 8, b"", (0, 0, 0, 0, 0, 0, 0)
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        body = data[at + 8 : at + 8 + length]
        assert zlib.crc32(kind + body) == struct.unpack(">I", data[at + 8 + length : at + 12 + length])[0]
        header = struct.unpack(">IIBBBBB", body) if kind == b"IHDR" else header
        packed += body if kind == b"IDAT" else b""
        at += 12 + length
    width, height, depth, colours, *_ = header
    assert (width, depth, colours) == (height, 1, 0), "black and white, square"
    raw, stride = zlib.decompress(packed), 1 + (width + 7) // 8
    lines, above = [], bytes(stride - 1)
    for at in range(0, height * stride, stride):
        assert raw[at] in (0, 2), "a filter that this reader does not know"
        line = raw[at + 1 : at + stride]
        above = bytes((a + b) % 256 for a, b in zip(line, above, strict=True)) if raw[at] else line
        lines.append(above)
    pixels = [[not line[x // 8] >> (7 - x % 8) & 1 for x in range(width)] for line in lines]
    first = next(n for n, row in enumerate(pixels) if any(row))
    module = first // QUIET
    assert width % module == 0
    return _inner([row[module // 2 :: module] for row in pixels[module // 2 :: module]])


def of_svg(text: str) -> Matrix:
    """Of a white ground and one path of horizontal strokes a module wide."""
    root = ElementTree.fromstring(text)
    left, top, width, height = map(float, root.attrib["viewBox"].split())
    assert (left, top) == (0, 0) and width == height
    ground, strokes = root.iter("{http://www.w3.org/2000/svg}path")
    assert ground.attrib["fill"] == "#fff" and strokes.attrib["stroke"] == "#000"
    matrix = [[False] * int(width) for _ in range(int(height))]
    x = y = 0.0
    for command, numbers in re.findall("([Mmh])([^Mmh]+)", strokes.attrib["d"]):
        values = [float(number) for number in re.findall(r"-?[\d.]+", numbers)]
        if command == "h":
            for column in range(int(x), int(x + values[0])):
                matrix[int(y)][column] = True
            x += values[0]
        else:
            x, y = (values[0], values[1]) if command == "M" else (x + values[0], y + values[1])
    return _inner(matrix)


def _inner(matrix: Matrix) -> Matrix:
    size = len(matrix) - QUIET
    zone = [dark for n, row in enumerate(matrix) for dark in (row if not QUIET <= n < size else row[:QUIET])]
    assert not any(zone), "something is in the quiet zone"
    return [row[QUIET:size] for row in matrix[QUIET:size]]


def _zigzag(size: int, version: int) -> Iterator[tuple[int, int]]:
    """The modules of the data in their order: pairs of columns from the right, up and down."""
    upwards = True
    for right in [*range(size - 1, 6, -2), 5, 3, 1]:
        for i in range(size - 1, -1, -1) if upwards else range(size):
            yield from ((i, j) for j in (right, right - 1) if not _is_pattern(i, j, size, version))
        upwards = not upwards


def _is_pattern(i: int, j: int, size: int, version: int) -> bool:
    corner = (i < 9 and (j < 9 or j >= size - 8)) or (i >= size - 8 and j < 9)
    centre = size - 7
    aligned = version > 1 and abs(i - centre) <= 2 and abs(j - centre) <= 2
    return corner or aligned or 6 in (i, j)


def _data_of(words: list[int], version: int, level: str) -> list[int]:
    """The blocks, put together again; each must be without error."""
    correction, count = _BLOCKS[version, level]
    total = len(words) - correction * count
    lengths = [total // count + (n >= count - total % count) for n in range(count)]
    blocks: list[list[int]] = [[] for _ in range(count)]
    source = iter(words)
    for at in range(max(lengths)):
        for block, length in zip(blocks, lengths, strict=True):
            if at < length:
                block.append(next(source))
    data = [word for block in blocks for word in block]
    for _ in range(correction):
        for block in blocks:
            block.append(next(source))
    for block in blocks:
        assert not any(_syndromes(block, correction)), "the error correction does not agree"
    return data


def _syndromes(block: list[int], number: int) -> list[int]:
    """The polynomial at the powers of 2 in GF(256) modulo 0x11d."""
    found, root = [], 1
    for _ in range(number):
        value = 0
        for word in block:
            value = _times(value, root) ^ word
        found.append(value)
        root = _times(root, 2)
    return found


def _times(a: int, b: int) -> int:
    product = 0
    while b:
        if b & 1:
            product ^= a
        a, b = a << 1 ^ (0x11D if a & 0x80 else 0), b >> 1
    return product


def _number(bits: Iterator[bool] | list[bool]) -> int:
    return int("".join("01"[bit] for bit in bits), 2)
