"""The whole evening in a browser: two phones, a shop's counter and the operator's desk, on a real server and bank.

Every step is photographed into `screenshots/evening/`, for people to look at.
"""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Locator, Page, Playwright, async_playwright, expect

from junzi.audit import audit
from junzi.kit.database import open_database
from junzi.operators import actions as operators
from junzi.people import actions as people
from junzi.people.model import SignUp
from tests.issuer.bank import WORKS
from tests.support.browser import CHROMIUM, COUNTER, DESK, FLAGS, PHONE, SPOKEN, WITH_WORKER, camera_flags, write_film
from tests.support.street import Street, found, street_of
from tests.support.until import until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PICTURES = Path(__file__).parents[2] / "screenshots" / "evening"
PASSWORD, PIN = "noodles at seven", "258036"


@pytest_asyncio.fixture
async def street(database_url: str, postgres_url: str, data_folder: Path) -> AsyncIterator[Street]:
    await found(database_url, data_folder)
    async with street_of(database_url, postgres_url, data_folder) as street:
        await street.served.start()
        yield street


@pytest_asyncio.fixture
async def playwright() -> AsyncIterator[Playwright]:
    async with async_playwright() as playwright:
        yield playwright


async def test_an_evening_in_a_small_town(street: Street, playwright: Playwright, data_folder: Path) -> None:
    evening = Evening(street, playwright, data_folder)
    await evening.open_the_shop()
    await evening.meet()
    await evening.talk()
    await evening.bind_a_card()
    await evening.pay_the_shop()
    await evening.transfer_to_a_friend()
    await evening.look_from_the_desk()
    assert evening.failures == []
    assert await audit(street.database_url) == []
    await evening.close()


class Evening:
    """The browsers of one evening. `failures`: errors of pages, and requests that left our address."""

    def __init__(self, street: Street, playwright: Playwright, folder: Path) -> None:
        self.street = street
        self.url = f"http://localhost:{street.served.port}"
        self.playwright = playwright
        self.folder = folder
        self.failures: list[str] = []
        self.browsers: list[Browser] = []
        self.pictures = 0
        PICTURES.mkdir(parents=True, exist_ok=True)
        for picture in PICTURES.glob("*.png"):
            picture.unlink()

    async def open_the_shop(self) -> None:
        """The keeper signs up, opens the noodle shop in three steps, and lets its page speak."""
        browser = await self.browser()
        self.counter = await self.page(browser, COUNTER)
        await self.sign_up(self.counter, "guifang", "吴桂芳")
        await self.counter.goto(f"{self.url}/shops/new")
        await self.counter.get_by_test_id("shop-name-field").fill("山脚面馆")
        await self.counter.locator(".trade").first.click()
        await self.picture(self.counter, "shop step 1")
        await self.counter.locator("form button[type=submit]").click()
        await self.counter.get_by_test_id("shop-place-field").fill("南门街 12 号")
        await self.picture(self.counter, "shop step 2")
        await self.counter.locator("form button[type=submit]").click()
        await self.picture(self.counter, "shop step 3")
        await self.counter.get_by_test_id("open-without-card").click()
        await expect(self.counter.get_by_test_id("shop-code")).to_be_visible()
        await self.picture(self.counter, "shop opened")
        await self.counter.get_by_test_id("open-takings").click()
        await self.counter.get_by_test_id("sound-on").click()
        await expect(self.counter.get_by_test_id("sound-off")).to_be_visible()
        await expect(self.counter.get_by_test_id("takings-today")).to_contain_text("0.00")
        await self.picture(self.counter, "shop waits")
        self.code_address = await self.read_code()

    async def read_code(self) -> str:
        """What the shop's picture says, taken from what was issued."""
        connection = await asyncpg.connect(self.street.database_url)
        try:
            code: str = await connection.fetchval("select code from codes.codes where kind = 'S'")
        finally:
            await connection.close()
        source = await self.counter.get_by_test_id("shop-code").get_attribute("src")
        assert source == f"/api/codes/{code}/image.svg"
        return f"{self.url}/c/{code}"

    async def meet(self) -> None:
        """Two phones sign up; one adds the other by handle, who accepts. Their cameras see the shop's code."""
        film = self.folder / "film.y4m"
        write_film(film, self.code_address)
        browser = await self.browser(*camera_flags(film))
        self.xiaoman = await self.page(browser, PHONE)
        self.azhe = await self.page(browser, {**PHONE, "color_scheme": "dark"})
        await self.sign_up(self.xiaoman, "xiaoman", "林小满")
        await expect(self.xiaoman.get_by_test_id("empty")).to_be_visible()
        await self.picture(self.xiaoman, "chats, nobody yet")
        await self.sign_up(self.azhe, "azhe", "阿哲")
        await self.azhe.goto(f"{self.url}/contacts/add")
        await self.azhe.get_by_test_id("handle-search").fill("xiaoman")
        await self.azhe.locator("form.seek button[type=submit]").tap()
        found = self.azhe.get_by_test_id("person")
        await expect(found).to_contain_text("林小满")
        await self.picture(self.azhe, "found by handle")
        await found.locator("input, textarea").first.fill("我是阿哲，面馆见？")
        await found.locator("button[type=submit]").tap()
        unread = self.xiaoman.get_by_test_id("unread")
        await expect(unread).to_be_visible()
        await self.picture(self.xiaoman, "a friend request arrives")
        await self.xiaoman.get_by_test_id("conversation").first.tap()
        accept = self.xiaoman.get_by_role("button", name=re.compile("接受|同意|Accept"))
        await expect(accept).to_be_visible()
        await self.picture(self.xiaoman, "friend request")
        await accept.tap()
        await self.xiaoman.goto(f"{self.url}/")
        await expect(self.conversation(self.xiaoman, "阿哲")).to_be_visible()

    async def talk(self) -> None:
        """Text and emoji both ways, read marks, and what was missed while the page was away."""
        await self.azhe.goto(f"{self.url}/")
        await self.conversation(self.azhe, "林小满").tap()
        await self.conversation(self.xiaoman, "阿哲").tap()
        await expect(self.xiaoman.get_by_test_id("message").filter(has_text="面馆见")).to_be_visible()
        await self.say(self.azhe, "今晚七点，山脚面馆？")
        await expect(self.xiaoman.get_by_test_id("message").filter(has_text="今晚七点")).to_be_visible()
        await self.say(self.xiaoman, "好呀 😋 我请你")
        await expect(self.azhe.get_by_test_id("message").filter(has_text="我请你")).to_be_visible()
        await self.picture(self.xiaoman, "chat")
        await self.picture(self.azhe, "chat in the dark")
        await self.xiaoman.goto(f"{self.url}/wallet")
        await self.say(self.azhe, "不见不散")
        await self.xiaoman.goto(f"{self.url}/")
        conversation = self.xiaoman.get_by_test_id("conversation").filter(has_text="不见不散")
        await expect(conversation.get_by_test_id("unread")).to_contain_text("1")
        await self.picture(self.xiaoman, "one unread")

    async def bind_a_card(self) -> None:
        """Set the PIN, bind a card on the bank's own page with its one-time code, and be given coupons for it."""
        page = self.xiaoman
        await page.goto(f"{self.url}/wallet/pin")
        await expect(page.get_by_test_id("number-pad")).to_be_visible()
        await self.picture(page, "set a PIN")
        await self.enter_pin(page)
        await self.enter_pin(page)
        await expect(page).not_to_have_url(re.compile("/wallet/pin"))
        await page.goto(f"{self.url}/wallet/cards")
        await page.get_by_test_id("bind-card").tap()
        await page.locator("#card_number").fill(WORKS)
        await page.locator("#holder").fill("林小满")
        await self.picture(page, "the bank's page")
        await page.locator("button.primary").tap()
        await page.locator("[data-fill-code]").tap()
        await self.picture(page, "one-time code")
        await page.locator("button.primary").tap()
        await expect(page.get_by_test_id("bound-card")).to_be_visible()
        await expect(page.get_by_test_id("coupon")).to_have_count(3)
        await self.picture(page, "card bound, coupons given")
        await page.goto(f"{self.url}/wallet")
        await expect(page.get_by_test_id("coupon")).not_to_have_count(0)
        await self.picture(page, "wallet")

    async def pay_the_shop(self) -> None:
        """Scan with the camera, take another coupon and the best one again, PIN, paid; the shop hears it."""
        page = self.xiaoman
        await page.goto(f"{self.url}/scan")
        await expect(page.get_by_test_id("shop-name")).to_have_text("山脚面馆", timeout=20_000)
        await page.get_by_test_id("pay-amount").fill("32.50")
        await self.picture(page, "amount")
        await page.get_by_test_id("pad-confirm").tap()
        await expect(page.get_by_test_id("payable")).to_contain_text("22.50")
        await self.picture(page, "the best coupon is chosen")
        await page.get_by_test_id("coupon-line").tap()
        await expect(page.get_by_test_id("coupon-choice")).to_have_count(3)
        await self.picture(page, "every coupon")
        await page.get_by_test_id("coupon-choice").nth(1).tap()
        await expect(page.get_by_test_id("sheet-payable")).to_contain_text("27.50")
        await page.get_by_test_id("coupon-choice").first.tap()
        await expect(page.get_by_test_id("sheet-payable")).to_contain_text("22.50")
        await page.get_by_test_id("coupons-done").tap()
        await expect(page.get_by_test_id("payable")).to_contain_text("22.50")
        await page.get_by_test_id("pay").tap()
        await expect(page.get_by_test_id("pin-amount")).to_contain_text("22.50")
        await self.picture(page, "PIN")
        await self.enter_pin(page, "111222")
        await expect(page.get_by_test_id("refusal")).to_contain_text("4")
        await self.picture(page, "wrong PIN")
        await self.enter_pin(page)
        await expect(page.get_by_test_id("paid-seal")).to_be_visible()
        await expect(page.get_by_test_id("saved")).to_contain_text("10.00")
        await self.picture(page, "paid")
        await expect(self.counter.get_by_test_id("spoken")).to_contain_text("32.5")
        await expect(self.counter.get_by_test_id("takings-today")).to_contain_text("32.50")
        await self.is_heard("收款 32.5 元")
        await self.picture(self.counter, "the shop hears it")
        await page.get_by_test_id("done").tap()
        await expect(page.get_by_test_id("conversation").filter(has_text="山脚面馆").first).to_be_visible()
        await page.get_by_test_id("conversation").filter(has_text="山脚面馆").first.tap()
        await expect(page.get_by_text("22.50").first).to_be_visible()
        await self.picture(page, "the payment arrives as a message")
        await page.goto(f"{self.url}/wallet/bills")
        await expect(page.get_by_test_id("bill")).to_have_count(1)
        await self.picture(page, "bills")

    async def transfer_to_a_friend(self) -> None:
        """Top up, then transfer to a friend's own code, which takes no coupon and says why."""
        page = self.xiaoman
        await page.goto(f"{self.url}/wallet/topup")
        await page.get_by_test_id("pay-amount").fill("100")
        await page.get_by_test_id("pad-confirm").tap()
        await self.enter_pin(page)
        await expect(page.get_by_test_id("paid-seal")).to_be_visible()
        await page.goto(f"{self.url}/wallet")
        await expect(page.get_by_test_id("balance")).to_contain_text("100.00")
        await self.picture(page, "topped up")
        await self.azhe.goto(f"{self.url}/me/card")
        await expect(self.azhe.get_by_test_id("my-code")).to_be_visible()
        await self.picture(self.azhe, "my own code")
        connection = await asyncpg.connect(self.street.database_url)
        try:
            code = await connection.fetchval(
                "select code from codes.codes c join people.persons p on p.id = c.target_id where p.handle = 'azhe'"
            )
        finally:
            await connection.close()
        await page.goto(f"{self.url}/wallet/transfer/{code}")
        await expect(page.get_by_text(re.compile("券"))).to_be_visible()
        await page.get_by_test_id("pay-amount").fill("8.80")
        await self.picture(page, "transfer takes no coupon")
        await page.get_by_test_id("pad-confirm").tap()
        await self.enter_pin(page)
        await expect(page.get_by_test_id("paid-seal")).to_be_visible()
        await self.picture(page, "transferred")
        await self.azhe.goto(f"{self.url}/wallet")
        await expect(self.azhe.get_by_test_id("balance")).to_contain_text("8.80")
        await self.picture(self.azhe, "wallet in the dark")

    async def look_from_the_desk(self) -> None:
        """The administrator sees the day's figures, and sees them move."""
        await self.make_administrator()
        desk = await self.page(await self.browser(), DESK)
        await desk.goto(f"{self.url}/welcome?next=/ops")
        await desk.get_by_test_id("turn-sign-in").click()
        await self.fill_in(desk, "yuan")
        await desk.goto(f"{self.url}/ops")
        await expect(desk.get_by_test_id("kpi-payments")).to_contain_text("32.50")
        await expect(desk.get_by_test_id("ops-payments")).to_contain_text("山脚面馆")
        for figures in ("hours", "days"):
            await expect(desk.get_by_test_id(f"{figures}-csv")).to_have_attribute("href", f"/api/ops/{figures}.csv")
        await self.picture(desk, "the operator's day")
        await self.azhe.goto(f"{self.url}/wallet/pin")
        await self.enter_pin(self.azhe)
        await self.enter_pin(self.azhe)
        await expect(self.azhe).not_to_have_url(re.compile("/wallet/pin"))
        await self.azhe.goto(f"{self.url}/scan")
        await expect(self.azhe.get_by_test_id("shop-name")).to_have_text("山脚面馆", timeout=20_000)
        await self.azhe.get_by_test_id("pay-amount").fill("6.00")
        await self.azhe.get_by_test_id("pad-confirm").tap()
        await self.azhe.get_by_test_id("pay").tap()
        await self.enter_pin(self.azhe)
        await expect(self.azhe.get_by_test_id("paid-seal")).to_be_visible()
        await expect(desk.get_by_test_id("kpi-payments")).to_contain_text("38.50")
        await self.picture(desk, "the figures move")
        await self.is_heard("收款 32.5 元", "收款 6 元")

    async def make_administrator(self) -> None:
        database = await open_database(self.street.database_url, size=1)
        person = await people.sign_up(database, SignUp("yuan", "周予安", PASSWORD))
        async with database.transaction() as tx:
            await operators.make_administrator(tx, person.id)
        await database.close()

    async def sign_up(self, page: Page, handle: str, name: str) -> None:
        await page.goto(f"{self.url}/welcome")
        await page.get_by_test_id("turn-sign-up").click()
        await page.locator("input[name=name]").fill(name)
        await self.fill_in(page, handle)

    async def fill_in(self, page: Page, handle: str) -> None:
        await page.locator("input[name=username]").fill(handle)
        await page.locator("input[name=password]").fill(PASSWORD)
        await self.picture(page, f"welcome {handle}")
        await page.locator("form button[type=submit]").click()
        await expect(page).not_to_have_url(re.compile("/welcome"))

    async def is_heard(self, *sentences: str) -> None:
        """The counter's speech was asked for exactly these sentences, in this order."""
        said = []

        async def all_said() -> bool:
            nonlocal said
            said = await self.counter.evaluate("window.spokenAloud")
            return len(said) >= len(sentences)

        await until(all_said)
        assert said == list(sentences)

    def conversation(self, page: Page, title: str) -> Locator:
        """The line of the list of chats that has this title."""
        named = page.locator(".name", has_text=re.compile(f"^{title}$"))
        return page.get_by_test_id("conversation").filter(has=named)

    async def say(self, page: Page, text: str) -> None:
        await page.get_by_test_id("message-field").fill(text)
        await page.get_by_test_id("send").tap()
        await expect(page.get_by_test_id("message").filter(has_text=text)).to_be_visible()

    async def enter_pin(self, page: Page, pin: str = PIN) -> None:
        pad = page.get_by_test_id("number-pad").last
        for digit in pin:
            await pad.get_by_role("button", name=digit, exact=True).tap()

    async def browser(self, *flags: str) -> Browser:
        browser = await self.playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=[*FLAGS, *flags])
        self.browsers.append(browser)
        return browser

    async def page(self, browser: Browser, device: dict[str, object]) -> Page:
        context: BrowserContext = await browser.new_context(**device | WITH_WORKER)  # type: ignore[arg-type]
        await context.add_init_script(SPOKEN)
        page = await context.new_page()
        page.set_default_timeout(30_000)
        page.on("pageerror", lambda error: self.failures.append(f"error: {error}"))
        page.on("request", lambda request: self._check_address(request.url))
        return page

    async def picture(self, page: Page, name: str) -> None:
        self.pictures += 1
        await page.screenshot(path=PICTURES / f"{self.pictures:02d} {name}.png", animations="disabled")

    async def close(self) -> None:
        for browser in self.browsers:
            await browser.close()

    def _check_address(self, address: str) -> None:
        if not address.startswith((self.url, "data:", "blob:")):
            self.failures.append(f"left our address: {address}")
