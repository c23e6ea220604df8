"""The console, a while later."""

import time

from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support.ui import WebDriverWait
from service import Store

# nginx closes after 60 by default, when nothing is said.
SILENT_SECONDS = 65


def test_the_websocket_stayed_while_nobody_spoke(browser: WebDriver) -> None:
    passed = browser.execute_script("return (Date.now() - window.opened) / 1000")
    time.sleep(max(0, SILENT_SECONDS - passed))
    assert browser.execute_script("return [window.socket.readyState, window.states]") == [1, ["open"]]


def test_the_session_sticks(store: Store, browser: WebDriver) -> None:
    browser.refresh()
    WebDriverWait(browser, 20).until(lambda page: "superdarn-data" in page.find_element(By.TAG_NAME, "body").text)
    assert "/login" not in browser.current_url
