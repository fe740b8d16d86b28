import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { expect } from './test.ts'

/** What is found, in words that tell where. */
async function violations(page: Page): Promise<string[]> {
  const found = await new AxeBuilder({ page }).analyze()
  return found.violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${help}: ${target}: ${failureSummary}`),
  )
}

/** Content that is wider than the screen, page or what scrolls inside it apart. */
const overflow = (page: Page) =>
  page.evaluate(() => {
    const { clientWidth, scrollWidth } = document.documentElement
    const scrolls = (element: Element | null): boolean =>
      element !== null &&
      (/auto|scroll|hidden|clip/.test(getComputedStyle(element).overflowX) ||
        scrolls(element.parentElement))
    const wide = [...document.body.querySelectorAll('*')]
      .filter((element) => element.getBoundingClientRect().right > clientWidth + 1)
      .filter((element) => !scrolls(element.parentElement))
      .map((element) => element.outerHTML.slice(0, 120))
    return { tooWide: scrollWidth > clientWidth, wide }
  })

/** One state of a page: as a person sees it in light, in dark, and on a phone. */
export async function expectAccessible(page: Page): Promise<void> {
  const whole = page.viewportSize()
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await colorsSettled(page)
    expect(await violations(page), colorScheme).toEqual([])
    await page.setViewportSize({ width: 360, height: 740 })
    expect(await overflow(page), `${colorScheme}, 360 px`).toEqual({ tooWide: false, wide: [] })
    expect(await violations(page), `${colorScheme}, 360 px`).toEqual([])
    if (whole) await page.setViewportSize(whole)
  }
}

/** Colours change over a moment: in between they are those of neither scheme. */
const colorsSettled = (page: Page) =>
  page.evaluate(async () => {
    const transitions = document.getAnimations().filter((each) => each instanceof CSSTransition)
    await Promise.allSettled(transitions.map(({ finished }) => finished))
  })
