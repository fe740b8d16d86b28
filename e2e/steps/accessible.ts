import AxeBuilder from '@axe-core/playwright'
import { expect, type Page } from '@playwright/test'

/** What axe finds, in words that say where. */
async function violations(page: Page): Promise<string[]> {
  const axe = new AxeBuilder({ page })
  // Otherwise it opens a page of its own for each result, which only a page with frames needs.
  if (page.frames().length === 1) axe.setLegacyMode()
  const found = await axe.analyze()
  return found.violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${help}: ${target}: ${failureSummary}`),
  )
}

/** Content that is wider than the screen, of the page or of what does not scroll inside it. */
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
 * One state of a page: axe finds nothing, with all its rules, on a screen in light colours and on a phone in
 * dark ones. So the rules about colours see both schemes, and those about sizes both widths. On the phone,
 * nothing is wider than the screen.
 */
export async function expectAccessible(page: Page): Promise<void> {
  const screen = page.viewportSize()
  if (!screen) throw new Error('no viewport')
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

/** Colours change over a moment: in between they are those of neither scheme. */
const colorsSettled = (page: Page) =>
  page.evaluate(async () => {
    const transitions = document.getAnimations().filter((each) => each instanceof CSSTransition)
    await Promise.allSettled(transitions.map(({ finished }) => finished))
  })
