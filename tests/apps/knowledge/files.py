"""Documents as people upload them, good and bad."""

from __future__ import annotations

import io
import zipfile

from docx import Document
from pypdf import PdfReader, PdfWriter


def pdf(*pages: str, title: str = "") -> bytes:
    """A PDF with one text a page; a page of "" is empty, as of a scan."""
    objects: list[bytes] = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
    kids = []
    for text in pages:
        lines = "".join(f"({line}) Tj T* " for line in text.split("\n")) if text else ""
        stream = f"BT /F1 12 Tf 14 TL 72 720 Td {lines}ET".encode("latin-1") if text else b""
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents %d 0 R "
            b"/Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>"
            % len(objects)
        )
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(kids), len(kids))
    body, places = bytearray(b"%PDF-1.4\n"), []
    for number, one in enumerate(objects, start=1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    start = len(body)
    body += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    body += b"".join(b"%010d 00000 n \n" % place for place in places)
    body += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(body)


def locked_pdf() -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf("Nobody may read this."))))
    writer.encrypt("a password", algorithm="AES-256")
    return _saved(writer)


def pdf_with_bookmarks() -> bytes:
    writer = PdfWriter(
        clone_from=PdfReader(io.BytesIO(pdf("Dogs are welcome.", "A night costs 90 dollars.")))
    )
    parent = writer.add_outline_item("House rules", 0)
    writer.add_outline_item("Prices", 1, parent=parent)
    writer.add_metadata({"/Title": "The house"})
    return _saved(writer)


def _saved(writer: PdfWriter) -> bytes:
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def docx() -> bytes:
    document = Document()
    document.core_properties.title = "The house"
    document.add_heading("House rules", level=1)
    document.add_paragraph("Dogs are welcome.")
    document.add_heading("Prices", level=2)
    table = document.add_table(rows=1, cols=2)
    table.rows[0].cells[0].text, table.rows[0].cells[1].text = "Room", "Price"
    cells = table.add_row().cells
    cells[0].text, cells[1].text = "Sea view", "90 dollars"
    document.add_paragraph("Breakfast", style="List Bullet")
    document.add_paragraph("Parking", style="List Bullet")
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def bomb() -> bytes:
    """A DOCX of 60 kB that unpacks to 60 MB."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b" " * 60 * 1024 * 1024)
    return file.getvalue()


def docx_with_entities() -> bytes:
    """The billion laughs, as the text of a document."""
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    xml = f'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY l0 "ha">{laughs}]><d>&l9;</d>'
    file = io.BytesIO(docx())
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["word/document.xml"] = xml.encode()
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return file.getvalue()
