import AxeBuilder from '@axe-core/playwright'
import { expect, type Page } from '@playwright/test'

/** The violations that axe finds, each with its element. */
async function violations(page: Page): Promise<string[]> {
  const axe = new AxeBuilder({ page })
  // Outside of legacy mode, axe opens a new page for each result. Only a page with frames needs that.
  if (page.frames().length === 1) axe.setLegacyMode()
  const found = await axe.analyze()
  return found.violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${help}: ${target}: ${failureSummary}`),
  )
}

/** Finds content that is wider than the screen. Elements inside a scrolling container do not count. */
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

const phone = { width: 360, height: 740 }

/**
 * Checks one state of a page with all rules of axe, on a screen in light colours and on a phone in dark ones.
 * Axe thus checks both colour schemes and both widths. On the phone, no content may be wider than the screen.
 */
export async function expectAccessible(page: Page): Promise<void> {
  const screen = page.viewportSize()
  if (!screen) throw new Error('The page has no viewport.')
  for (const [colorScheme, size] of [
    ['light', screen],
    ['dark', phone],
  ] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.setViewportSize(size)
    await colorsSettled(page)
    if (size === phone) expect(await overflow(page)).toEqual({ tooWide: false, wide: [] })
    expect(await violations(page), `${colorScheme}, ${size.width} px`).toEqual([])
  }
  await page.setViewportSize(screen)
}

/** Waits for CSS transitions. Until they end, the colours belong to neither scheme. */
const colorsSettled = (page: Page) =>
  page.evaluate(async () => {
    const transitions = document.getAnimations().filter((each) => each instanceof CSSTransition)
    await Promise.allSettled(transitions.map(({ finished }) => finished))
  })
