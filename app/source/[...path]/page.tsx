import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { connection } from 'next/server'
import { PageShell } from '@/app/_ui/page-shell'
import { config } from '@/lib/config'
import { readSource } from '../read-source'

type Props = { params: Promise<{ path: string[] }> }

const pathOf = async (params: Props['params']) => (await params).path.join('/')

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: await pathOf(params), robots: { index: false } }
}

/** A file of the clone, to read beside the screen that it makes. In the sandbox only. */
export default async function SourcePage({ params }: Props) {
  await connection()
  const path = await pathOf(params)
  const text = config().sandbox ? await readSource(path) : null
  if (text === null) notFound()
  return (
    <PageShell source="source">
      <h1 className="font-mono text-lg tracking-normal [overflow-wrap:anywhere]">{path}</h1>
      <p className="mt-1.5 text-quiet text-sm">As it is in the clone that runs here. Read only.</p>
      <section
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        aria-label={`Text of ${path}`}
        className="mt-6 overflow-x-auto rounded-xl border border-line bg-surface py-4"
      >
        <pre className="w-max min-w-full font-mono text-xs">
          <code>
            {text
              .trimEnd()
              .split('\n')
              .map((line, index) => (
                <SourceLine key={lineId(index)} id={lineId(index)} text={line} />
              ))}
          </code>
        </pre>
      </section>
    </PageShell>
  )
}

const lineId = (index: number) => `L${index + 1}`

/** Its number is made by the style sheet, so that it is not copied along. */
const SourceLine = ({ id, text }: { id: string; text: string }) => (
  <span id={id} className="source-line block scroll-mt-6 pr-5 target:bg-info-soft">
    {text}
    {'\n'}
  </span>
)
