"""`make zh-hant`: sentences that Traditional Chinese lacks are made from the simplified ones, in the words of Taiwan.

Order, comments and codes follow the simplified tables. A sentence that is there stays as it is, for translators may
have bettered it; `--force` makes all of them anew, and `git diff` then shows what that costs.
"""

from __future__ import annotations

import argparse
import ast
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from opencc import OpenCC

TEXTS = Path("handlers/texts")
CONFIG = "s2twp"  # simplified to Taiwan's characters and phrases
# Words that OpenCC knows in another sense than ours, or not inside longer ones.
WORDS = {
    "“": "「",
    "”": "」",
    "代码": "代碼",
    "列表": "清單",
    "再发": "再傳",
    "参数": "參數",
    "发一": "傳一",
    "发布": "發布",
    "发给": "傳給",
    "发送": "傳送",
    "台": "台",
    "回复": "回覆",
    "回音": "回音",
    "像素": "像素",
    "查看": "查看",
    "校验值": "檢查碼",
    "检测": "偵測",
    "模板": "範本",
    "私信": "私訊",
    "私聊": "私人對話",
    "程序代码": "程式碼",
    "获取": "取得",
    "识别": "辨識",
    "账号": "帳號",
    "进程": "行程",
    "运行": "執行",
    "部件": "元件",
    "丢失": "遺失",
}
_WORDS = re.compile(f"({'|'.join(sorted(WORDS, key=len, reverse=True))})")

Convert = Callable[[str], str]


def main(arguments: Sequence[str] | None = None) -> None:
    """Write every table, from the root of the project."""
    parser = argparse.ArgumentParser(prog="generate.zh_hant", description=__doc__)
    parser.add_argument("--force", action="store_true", help="make sentences anew that are there already")
    force: bool = parser.parse_args(arguments).force
    convert = OpenCC(CONFIG).convert
    for simplified in sorted((TEXTS / "zh").glob("[a-z]*.py")):
        traditional = TEXTS / "zh_hant" / simplified.name
        kept = traditional.read_text() if traditional.exists() and not force else ""
        traditional.write_text(filled(simplified.read_text(), kept, convert))


def filled(simplified: str, traditional: str, convert: Convert) -> str:
    """Give the simplified module with the traditional one's sentences, converted ones where that has none."""
    kept = {code: source for code, (_, source) in _sentences(traditional).items()}
    written = simplified.encode()
    for code, (start, source) in reversed(_sentences(simplified).items()):
        said = kept.get(code) or in_taiwan(source, convert)
        written = written[:start] + said.encode() + written[start + len(source.encode()) :]
    return written.decode().replace("(simplified)", "(traditional)", 1)


def in_taiwan(text: str, convert: Convert) -> str:
    """Convert a text around the words of our own."""
    return "".join(WORDS.get(part) or convert(part) for part in _WORDS.split(text))


def _sentences(module: str) -> dict[str, tuple[int, str]]:
    """Find each sentence of a module's table: the byte where its literal begins, and that literal."""
    lines = module.encode().splitlines(keepends=True)
    begins = [sum(map(len, lines[:number])) for number in range(len(lines) + 1)]
    found = {}
    for table in (node for node in ast.parse(module).body if isinstance(node, ast.AnnAssign)):
        assert isinstance(table.value, ast.Dict)
        for key, value in zip(table.value.keys, table.value.values, strict=True):
            assert isinstance(key, ast.Constant)
            source = ast.get_source_segment(module, value)
            assert source is not None
            found[str(key.value)] = (begins[value.lineno - 1] + value.col_offset, source)
    return found


if __name__ == "__main__":
    main()
