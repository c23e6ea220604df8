"""The console at port 9001, as a person with a browser has it."""

from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support.ui import WebDriverWait
from service import Store

OPEN = """
window.opened = Date.now();
window.states = [];
window.socket = new WebSocket(`ws://${location.host}/ws/objectManager`);
for (const name of ["open", "close", "error"])
    window.socket.addEventListener(name, () => window.states.push(name));
"""


def test_login(store: Store, browser: WebDriver) -> None:
    browser.get(f"http://{store.address}:9001/login")
    wait = WebDriverWait(browser, 20)
    wait.until(lambda page: page.find_element(By.ID, "accessKey")).send_keys(store.root["access_key"])
    browser.find_element(By.ID, "secretKey").send_keys(store.root["secret_key"])
    browser.find_element(By.CSS_SELECTOR, "button[type=submit]").click()
    wait.until(lambda page: "/browser" in page.current_url)
    wait.until(lambda page: "superdarn-data" in page.find_element(By.TAG_NAME, "body").text)


def test_a_websocket_opens(browser: WebDriver) -> None:
    browser.execute_script(OPEN)
    WebDriverWait(browser, 10).until(lambda page: page.execute_script("return window.states.includes('open')"))
