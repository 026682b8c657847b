"""What a customer does in the demo besides talking: a picture, a button, a rating, a transcript."""

from __future__ import annotations

import livechat_customer as lc
from livechat_customer.cli import demo_picture
from livechat_customer.cli import demo_script as script
from livechat_customer.cli.demo_lived import id_of, pieces_of
from livechat_customer.cli.demo_scene import Scene
from livechat_customer.cli.demo_steps import Act, Progressed
from livechat_customer.projections.values import ThreadInfo


async def be_served(scene: Scene) -> tuple[lc.UploadProgress, ...]:
    """All of it, in the open thread; how the upload went on."""
    scene.show(Act("A picture", "uploaded, then sent as a file event"))
    progress = await _send_a_picture(scene)
    scene.show(Act("A button", f"of a rich message that {script.AGENT} sends"))
    await _press_a_button(scene)
    scene.show(Act("A rating", "and the transcript by mail: properties of the thread"))
    await _rate(scene)
    await _ask_for_the_transcript(scene)
    return progress


async def _send_a_picture(scene: Scene) -> tuple[lc.UploadProgress, ...]:
    name = demo_picture.NAME
    told: list[lc.UploadProgress] = []
    upload = scene.sdk.upload_file(file=demo_picture.picture(), name=name)
    upload.progress.subscribe(told.append)
    upload.progress.subscribe(lambda now: scene.show(Progressed(name, now.sent, now.total)))
    file = await upload
    scene.happened("upload_file: the file has a URL")
    sent = await scene.sdk.send_event(chat_id=scene.chat_id, event=lc.File(url=file.url))
    assert isinstance(sent, lc.File), "a file event is a file event"
    scene.happened(
        f"file event: {sent.name}, {sent.content_type}, {sent.width} x {sent.height} pixels"
    )
    await scene.answer()
    await _until_seen(scene, "uploaded")
    return tuple(told)


async def _press_a_button(scene: Scene) -> None:
    sent = scene.sandbox.agent(script.AGENT).send_event(scene.chat_id, script.CHOICE)
    await scene.until(lambda _, history: sent.event_id in map(id_of, history))
    scene.happened(f"{script.AGENT} asks: {script.QUESTION} ({', '.join(script.BUTTONS.values())})")
    await scene.sdk.send_rich_message_postback(
        chat_id=scene.chat_id,
        thread_id=sent.thread_id,
        event_id=sent.event_id,
        postback={"id": script.PRESSED, "toggled": True},
    )
    await _until_seen(scene, "postback")
    scene.happened(f"“{script.BUTTONS[script.PRESSED]}” is pressed, and the history shows it")
    scene.mark()


async def _rate(scene: Scene) -> None:
    await scene.sdk.rate_chat(chat_id=scene.chat_id, rating={"score": script.SCORE})
    await _until_seen(scene, "rated")
    await _tell(scene, "rating", "rating.chat_rated")


async def _ask_for_the_transcript(scene: Scene) -> None:
    await scene.sdk.update_thread_properties(
        chat_id=scene.chat_id,
        thread_id=_open_thread(scene).id,
        properties={"routing": {"transcript_email": script.EMAIL}},
    )
    await _until_seen(scene, "transcript")
    await _tell(scene, "routing", "transcript_requested")


async def _until_seen(scene: Scene, piece: str) -> None:
    await scene.until(
        lambda chat, history: bool(getattr(pieces_of(chat, history, scene.own_id), piece))
    )


async def _tell(scene: Scene, namespace: str, kind: str) -> None:
    """Show the thread's properties, and the chat's own word on what was done."""
    properties = _open_thread(scene).properties[namespace]
    shown = ", ".join(f"{namespace}.{name} = {value}" for name, value in properties.items())
    scene.happened(f"properties of the thread: {shown}")
    for item in await scene.history():
        if isinstance(item, lc.SystemMessage) and item.system_message_type == kind:
            scene.happened(f"the chat says: “{item.text}”")
    scene.mark()


def _open_thread(scene: Scene) -> ThreadInfo:
    chat = scene.sdk.chat(scene.chat_id).value
    assert chat is not None, "the chat is known"
    assert chat.thread is not None, "it has an open thread"
    return chat.thread
