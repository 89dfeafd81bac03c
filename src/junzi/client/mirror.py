"""What a device keeps: its conversations and their messages, kept up by frames, and pulled wherever a frame does not say all.

It is what an app does with the protocol, in its shortest form; a test holds it against what a fresh device is told.
"""

from typing import Any

from junzi.client.client import Client

PAGE = 100
Seen = dict[str, Any]
SINCE_A_CURSOR = ("edited", "deleted", "stale")
"""What of a conversation says what became of it since, and nothing about how it is."""


class Mirror:
    """One signed-in device. `pull` first, then `take` every frame in its order.

    conversations:  by id, as the server would show them
    logs:           by conversation id, the messages by seq; those deleted for oneself have the kind "deleted"
    typing:         who was last seen writing, by conversation id
    """

    def __init__(self, client: Client) -> None:
        self.client = client
        self.cursor = 0
        self.conversations: dict[str, Seen] = {}
        self.logs: dict[str, dict[int, Seen]] = {}
        self.typing: dict[str, str] = {}

    async def pull(self) -> None:
        """Ask what changed since the cursor, page after page, and for the messages that are missing."""
        cursor, below = 0, ""
        while True:
            page = await self.client.get(f"/api/conversations?cursor={self.cursor}&limit={PAGE}{below}")
            for conversation in page["conversations"]:
                await self._put(conversation)
            cursor = cursor or page["cursor"]
            if not page["more"]:
                break
            below = f"&below={page['below']}"
        self.cursor = cursor

    async def take(self, frame: Seen) -> None:
        """Let a frame change what is kept."""
        op = frame["op"]
        conversation = self.conversations.get(
            frame.get("conversation_id") or frame.get("message", {}).get("conversation_id")
        )
        if op in ("welcome", "changed"):
            await self.pull()
        elif conversation is None:
            if op in ("message", "mine"):
                await self.pull()
        elif op == "message":
            await self._message(conversation, frame["message"])
        elif op == "edited":
            self._edited(conversation, frame["message"])
        elif op == "read":
            self._read(conversation, frame["person_id"], frame["seq"])
        elif op == "mine":
            conversation["mine"] = frame["mine"]
        elif op == "deleted":
            await self._deleted(conversation, frame["seqs"], frame["cleared_seq"])
        elif op == "typing":
            self.typing[conversation["id"]] = frame["person_id"]

    def picture(self) -> dict[str, Any]:
        """All that is kept, to be compared: every conversation and every message of it that may be read."""
        return {
            id: {
                **{name: value for name, value in conversation.items() if name not in SINCE_A_CURSOR},
                "messages": [
                    message
                    for seq, message in sorted(self.logs[id].items())
                    if seq > conversation["from_seq"] and message["kind"] != "deleted"
                ],
            }
            for id, conversation in self.conversations.items()
        }

    async def _put(self, conversation: Seen) -> None:
        id = conversation["id"]
        if conversation["stale"]:
            self.logs.pop(id, None)
        log = self.logs.setdefault(id, {})
        self.conversations[id] = conversation
        for message in conversation["edited"]:
            if message["seq"] in log and log[message["seq"]]["kind"] != "deleted":
                log[message["seq"]] = message
        self._forget(log, conversation["deleted"], conversation["cleared_seq"])
        await self._fill(conversation)

    async def _fill(self, conversation: Seen) -> None:
        """Ask for the messages up to the head that are not here."""
        log = self.logs[conversation["id"]]
        while (known := max(log, default=0)) < conversation["head_seq"]:
            path = f"/api/conversations/{conversation['id']}/messages?after={known}&limit={PAGE}"
            stretch = (await self.client.get(path))["messages"]
            if not stretch:
                break
            log.update({message["seq"]: message for message in stretch})

    async def _message(self, conversation: Seen, message: Seen) -> None:
        seq = message["seq"]
        if seq <= conversation["head_seq"]:
            return
        if seq > conversation["head_seq"] + 1:
            await self.pull()
            return
        self.logs[conversation["id"]][seq] = message
        conversation |= {"head_seq": seq, "last": message, "changed_at": message["at"]}
        conversation["mine"] = {**conversation["mine"], "hidden": False}
        me, sender, payload = self.client.me["id"], message["sender_id"], message["payload"]
        if sender == me:
            self._read(conversation, me, seq)
        elif conversation["peer"] and sender == conversation["peer"]["id"]:
            # Whoever writes has read what came before.
            conversation["peer_read_seq"] = seq
        if (
            sender != me
            and conversation["kind"] == "group"
            and (me in payload.get("mentions", ()) or payload.get("mention_all"))
        ):
            conversation["mentioned_seq"] = seq
        conversation["unread"] = seq - conversation["read_seq"]

    def _edited(self, conversation: Seen, message: Seen) -> None:
        log, seq = self.logs[conversation["id"]], message["seq"]
        if seq in log and log[seq]["kind"] != "deleted":
            log[seq] = message
        if conversation["last"] and conversation["last"]["seq"] == seq:
            conversation["last"] = message

    def _read(self, conversation: Seen, person_id: str, seq: int) -> None:
        if person_id != self.client.me["id"]:
            if conversation["peer"]:
                conversation["peer_read_seq"] = max(conversation["peer_read_seq"] or 0, seq)
            return
        conversation["read_seq"] = max(conversation["read_seq"], seq)
        conversation["unread"] = conversation["head_seq"] - conversation["read_seq"]
        if (conversation["mentioned_seq"] or 0) <= conversation["read_seq"]:
            conversation["mentioned_seq"] = None

    async def _deleted(self, conversation: Seen, seqs: list[int], cleared_seq: int) -> None:
        id = conversation["id"]
        self._forget(self.logs[id], seqs, cleared_seq)
        last = conversation["last"]
        if last and (last["seq"] in seqs or last["seq"] <= cleared_seq):
            left = [
                m
                for _, m in sorted(self.logs[id].items())
                if m["kind"] != "deleted" and m["seq"] > conversation["from_seq"]
            ]
            conversation["last"] = left[-1] if left else None
        conversation["cleared_seq"] = cleared_seq
        conversation["from_seq"] = max(conversation["from_seq"], cleared_seq)

    def _forget(self, log: dict[int, Seen], seqs: list[int], cleared_seq: int) -> None:
        for seq in [*seqs, *(seq for seq in log if seq <= cleared_seq)]:
            if seq in log:
                log[seq] = {**log[seq], "kind": "deleted"}
