import { createElement, Fragment } from 'react'
import { Code } from '@/app/_ui/code'

/** A text in which backquotes mark code. */
export function WithCode({ text }: { text: string }) {
  const parts = text
    .split('`')
    .map((part, index) => (index % 2 === 0 ? part : createElement(Code, null, part)))
  // Children that are listed one by one need no keys.
  return createElement(Fragment, null, ...parts)
}
