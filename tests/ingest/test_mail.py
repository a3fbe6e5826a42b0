"""E-mails: headers apart, words of the sender once, and what is quoted of earlier messages listed."""

from email.message import EmailMessage

import pytest
from independent_counter import check_whole, visible

from pipeline.errors import UnreadableError
from pipeline.ingest.formats import detect
from pipeline.ingest.mail import HEADERS, read
from pipeline.vocabulary import Kind, Part, Reason

BODY = """Estimada Ana:

El agua llegó
tarde otra vez.

On Mon, 3 May 2021 at 10:00, Ana Rey
<ana@example.org> wrote:
> ¿Cómo va el agua?
> Saludos

Luz
"""


def mail(body: str = BODY, html: str = "", attached: str = "") -> bytes:
    message = EmailMessage()
    for name, value in {"From": "Luz Sol <luz@example.org>", "To": "ana@example.org", "Date": "Mon, 03 May 2021 12:00:00 +0000",
                        "Subject": "Re: ¿agua?", "Message-ID": "<1@example.org>"}.items():  # fmt: skip
        message[name] = value
    message.set_content(body, cte="quoted-printable")
    if html:
        message.add_alternative(html, subtype="html")
    if attached:
        message.add_attachment(attached.encode(), maintype="application", subtype="pdf", filename="foto.pdf")
    return message.as_bytes()


def spoken(data: bytes) -> list[str]:
    reading = read(data)
    check_whole(reading)
    return [reading.text[span.start : span.end] for span in reading.spans if span.part is Part.BODY]


def test_what_the_sender_wrote_is_kept_once_and_quotes_are_listed() -> None:
    assert spoken(mail()) == ["Estimada Ana:", "El agua llegó tarde otra vez.", "Luz"]
    quoted = [each for each in read(mail()).outside if each.reason == Reason.QUOTED_MAIL]
    assert [each.place for each in quoted] == ["line 6", "line 7", "line 8", "line 9"]


def test_headers_are_apart_and_decoded() -> None:
    reading = read(mail())
    front = [reading.text[span.start : span.end] for span in reading.spans if span.part is Part.FRONT]
    assert front[-1] == "Subject: Re: ¿agua?"
    assert len(front) == len(HEADERS) - 1, "there is no Cc"


def test_no_character_of_a_message_is_lost() -> None:
    reading = read(mail())
    headers = sum(visible(reading.text[s.start : s.end]) for s in reading.spans if s.part is Part.FRONT)
    assert reading.chars == headers + visible(BODY)


def test_the_html_form_of_a_message_is_a_copy_and_alone_it_is_the_message() -> None:
    page = "<html><body><p>El agua llegó tarde.</p></body></html>"
    assert spoken(mail("El agua llegó tarde.", html=page)) == ["El agua llegó tarde."]
    alone = mail("x", html=page).replace(b"Content-Type: text/plain", b"Content-Type: text/unknown")
    assert spoken(alone) == ["El agua llegó tarde."]


@pytest.mark.parametrize("line", ["-----Original Message-----", "----- Mensaje original -----", "_" * 32])
def test_everything_after_the_mark_of_an_older_message_is_quoted(line: str) -> None:
    assert spoken(mail(f"Nuevo.\n\n{line}\nFrom: Ana\nViejo.\n")) == ["Nuevo."]


def test_attachments_are_counted_and_not_read() -> None:
    assert read(mail(attached="secret")).notes == ("attachments are not read: 1",)


def test_an_email_is_known_by_its_headers_and_a_transcript_is_none() -> None:
    assert detect(mail(), Kind.DOCUMENT) == "mail"
    assert detect(b"From: the archive\nDate: 3 May\nSubject: water\n\nAna: And the water?\n", Kind.INTERVIEW) == "plain"
    assert detect("Ana: ¿Y el agua?\nLuz: Llega poco.\n".encode(), Kind.INTERVIEW) == "plain"


def test_a_message_without_text_is_refused_with_what_to_do() -> None:
    data = mail().replace(b"Content-Type: text/plain", b"Content-Type: image/png")
    with pytest.raises(UnreadableError, match="save its attachments"):
        read(data)


@pytest.mark.parametrize("charset", ["x-unknown", "utf-8"])
def test_a_wrong_encoding_ends_no_reader(charset: str) -> None:
    data = mail().replace(b'charset="utf-8"', f'charset="{charset}"'.encode())
    assert "El agua llegó tarde otra vez." in spoken(data)


RECORDINGS = [
    b"ID3\x03",
    b"RIFF\x00\x00\x00\x00WAVEfmt ",
    b"OggS\x00",
    b"fLaC",
    b"\x00\x00\x00\x20ftypM4A ",
    b"\x1aE\xdf\xa3",
]


@pytest.mark.parametrize("start", RECORDINGS)
def test_a_recording_is_answered_with_how_to_transcribe_it_offline(start: bytes) -> None:
    with pytest.raises(UnreadableError, match="transcribe it on this computer first"):
        detect(start + b"\x00\x7f" * 300, Kind.INTERVIEW)
