"""Runs QualCoder's own REFI-QDA importer on a project, without a screen, and prints what its database then holds, as JSON.

Run by a Python that has PyQt6: `python qualcoder_import.py SOURCES PROJECT FOLDER`, where SOURCES is the folder that holds the
package `qualcoder`. Nothing of QualCoder is changed: its dialogs are answered, and a new database has the tables of its own
`new_project`.
"""

import ast
import builtins
import contextlib
import json
import sqlite3
import sys
from pathlib import Path
from types import SimpleNamespace

QUERIES = {
    "codes": "select name from code_name order by name",
    "categories": "select name from code_cat order by name",
    "sources": "select name, fulltext from source order by name",
    "codings": "select code_name.name, source.name, seltext, pos0, pos1, code_text.owner from code_text "
    "left join code_name on code_name.cid = code_text.cid left join source on source.id = code_text.fid "
    "order by source.name, pos0, code_name.name, code_text.owner",
    "cases": "select name from cases order by name",
    "journals": "select name from journal order by name",
    "attributes": "select name, attr_type, value from attribute order by name, attr_type, value",
}


def tables_of(sources: Path) -> list[str]:
    """The statements by which QualCoder makes the tables of a new project."""
    tree = ast.parse((sources / "qualcoder" / "__main__.py").read_text("utf-8"))
    made = next(node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == "new_project")
    constants = (node.value for node in ast.walk(made) if isinstance(node, ast.Constant))
    return [text for text in constants if isinstance(text, str) and text.startswith("CREATE TABLE")]


def main() -> None:
    """Import, and print."""
    sources, project, folder = map(Path, sys.argv[1:])
    sys.path.insert(0, str(sources))
    builtins._ = lambda text: text
    with contextlib.redirect_stdout(sys.stderr):
        from PyQt6 import QtWidgets

        application = QtWidgets.QApplication([])
        from qualcoder import refi

        for name in ("documents", "images", "audio", "video"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(folder / "data.qda")
        for statement in tables_of(sources):
            connection.execute(statement)
        refi.Message = lambda *_words: SimpleNamespace(exec=lambda: None)
        refi.QtWidgets.QFileDialog.getOpenFileName = lambda *_words, **_more: (str(project), True)
        settings = {"codername": "default", "directory": str(folder), "ai_enable": "False"}
        app = SimpleNamespace(
            conn=connection,
            settings=settings,
            project_path=str(folder),
            project_events=None,
            ai_models=[],
            write_config_ini=lambda *_words: None,
        )
        refi.RefiImport(app, SimpleNamespace(append=lambda _text: None), "qdpx")
        application.quit()
    opened = {name: connection.execute(query).fetchall() for name, query in QUERIES.items()}
    sys.stdout.write(json.dumps(opened, ensure_ascii=False))


if __name__ == "__main__":
    main()
