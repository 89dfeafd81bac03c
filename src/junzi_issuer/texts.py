"""What the page says, in Chinese and in English."""

from typing import Literal, TypeAlias

Language: TypeAlias = Literal["zh", "en"]

TEXTS: dict[Language, dict[str, str]] = {
    "zh": {
        "html_lang": "zh-CN",
        "bank": "沙盒银行",
        "bank_other": "Sandbox Bank",
        "switch": "English",
        "switch_lang": "en",
        "switch_label": "Switch to English",
        "ribbon": "演示环境：没有真实资金。请勿输入真实的银行卡号。",
        "title_card": "绑定银行卡",
        "title_code": "输入验证码",
        "title_confirmed": "绑定成功",
        "title_refused": "没有绑定",
        "title_missing": "页面不存在",
        "asked_by": "{host} 请求绑定您的银行卡，用于充值和付款。",
        "steps": "步骤",
        "step_card": "填写卡号",
        "step_code": "短信验证",
        "number": "银行卡号",
        "number_hint": "16 位数字，以 6200 00 开头",
        "holder": "持卡人姓名",
        "holder_shown": "持卡人",
        "next": "下一步",
        "cancel": "取消并返回",
        "confirm": "确认绑定",
        "resend": "重新发送验证码",
        "cards": "测试卡",
        "cards_hint": "点一下即可填入。新卡余额 100,000.00 元。",
        "cards_work": "可以正常使用",
        "cards_trouble": "专门用来出错",
        "phone_from": "短信",
        "phone_now": "现在",
        "phone_text": "【沙盒银行】验证码 {code}，用于绑定尾号 {last4} 的银行卡，{life}内有效。请勿告诉他人。",
        "phone_fill": "填入",
        "phone_gone": "这部演示手机上没有有效的验证码，请重新发送。",
        "life_minutes": "{count} 分钟",
        "life_seconds": "{count} 秒",
        "code": "6 位验证码",
        "code_hint": "验证码已发到尾号 {last4} 的银行卡所登记的手机。",
        "code_left": "剩余 {time}",
        "code_over": "验证码已过期",
        "ended_confirmed": "银行卡已绑定，可以返回了。",
        "ended_cancelled": "您已取消绑定。",
        "ended_wrong-code": "验证码多次输入错误，绑定没有完成。",
        "ended_card-refused": "这张卡不能绑定。",
        "ended_expired": "页面打开太久，绑定没有完成。",
        "back": "返回 {host}",
        "missing": "链接不完整，或者已经失效。请回到发起绑定的应用重试。",
        "fault_length": "请输入 16 位卡号。",
        "fault_check_digit": "卡号有误，请核对后再试。",
        "fault_foreign": "这里只接受以 6200 00 开头的测试卡，请勿输入真实卡号。",
        "fault_holder": "请填写持卡人姓名，最多 60 个字。",
        "fault_malformed": "验证码是 6 位数字。",
        "fault_expired": "验证码已过期，请重新发送。",
        "fault_wrong": "验证码不对，还可以试 {left} 次。",
        "fault_resend": "发送次数已达上限，请使用最近一次的验证码，或取消后重来。",
        "fault_form": "页面已过时，请再提交一次。",
        "footer": "沙盒银行只存在于这个演示里。卡号仅以密文摘要和末四位保存。",
    },
    "en": {
        "html_lang": "en",
        "bank": "Sandbox Bank",
        "bank_other": "沙盒银行",
        "switch": "中文",
        "switch_lang": "zh",
        "switch_label": "切换到中文",
        "ribbon": "Demo: no real money here. Never type a real card number.",
        "title_card": "Bind a bank card",
        "title_code": "Enter the code",
        "title_confirmed": "Card bound",
        "title_refused": "Card not bound",
        "title_missing": "No such page",
        "asked_by": "{host} asks to bind your card, for top-ups and payments.",
        "steps": "Steps",
        "step_card": "Card number",
        "step_code": "One-time code",
        "number": "Card number",
        "number_hint": "16 digits, beginning with 6200 00",
        "holder": "Name of the holder",
        "holder_shown": "Holder",
        "next": "Next",
        "cancel": "Cancel and go back",
        "confirm": "Bind this card",
        "resend": "Send a new code",
        "cards": "Test cards",
        "cards_hint": "Tap one to fill it in. A new card holds ¥100,000.00.",
        "cards_work": "These work",
        "cards_trouble": "These make trouble on purpose",
        "phone_from": "Messages",
        "phone_now": "now",
        "phone_text": "[Sandbox Bank] {code} is your code to bind the card ending in {last4}, good for {life}. "
        "Tell it to nobody.",
        "phone_fill": "Fill in",
        "phone_gone": "There is no valid code on this demo phone. Send a new one.",
        "life_minutes": "{count} minutes",
        "life_seconds": "{count} seconds",
        "code": "Six-digit code",
        "code_hint": "It was sent to the phone registered for the card ending in {last4}.",
        "code_left": "{time} left",
        "code_over": "The code has expired",
        "ended_confirmed": "The card is bound. You can go back.",
        "ended_cancelled": "You cancelled the binding.",
        "ended_wrong-code": "The code was wrong too often; the card was not bound.",
        "ended_card-refused": "This card cannot be bound.",
        "ended_expired": "The page was open too long; the card was not bound.",
        "back": "Back to {host}",
        "missing": "The link is incomplete or no longer valid. Go back to the app that sent you here and try again.",
        "fault_length": "Enter the 16 digits of the card.",
        "fault_check_digit": "This number is not right. Check it and try again.",
        "fault_foreign": "Only test cards beginning with 6200 00 are taken here. Never type a real card number.",
        "fault_holder": "Enter the name of the holder, 60 characters at most.",
        "fault_malformed": "A code is six digits.",
        "fault_expired": "The code has expired. Send a new one.",
        "fault_wrong": "That is not the code. Tries left: {left}.",
        "fault_resend": "No more codes are sent. Use the latest one, or cancel and start over.",
        "fault_form": "The page was out of date. Please submit it again.",
        "footer": "Sandbox Bank exists only in this demo. It keeps a card as a keyed hash and its last four digits.",
    },
}

_LANGUAGES: dict[str | None, Language] = {"zh": "zh", "en": "en"}


def choose_language(asked: str | None, accept_language: str) -> Language:
    """The language asked for, else the first of Accept-Language that the page speaks, else Chinese."""
    if asked in _LANGUAGES:
        return _LANGUAGES[asked]
    weighed: list[tuple[float, int, Language]] = []
    for place, part in enumerate(accept_language.lower().split(",")[:20]):
        tag, _, weight = part.strip().partition(";q=")
        language = _LANGUAGES.get(tag.strip().split("-")[0])
        if language is not None:
            weighed.append((-_weight(weight), place, language))
    return min(weighed)[2] if weighed else "zh"


def _weight(text: str) -> float:
    try:
        return float(text) if text else 1.0
    except ValueError:
        return 0.0
