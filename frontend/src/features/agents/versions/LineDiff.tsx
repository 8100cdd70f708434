/** A long text line by line: what stayed, what went, what came. */
import type { Change } from '../config/diff'
import classes from './versions.module.css'

const SIGNS = { same: ' ', removed: '−', added: '+' } as const

export function LineDiff({ lines }: { lines: NonNullable<Change['text']> }) {
  return (
    <div className={classes.lines}>
      {lines.map(({ kind, line }, i) => {
        const content = (
          <>
            <span aria-hidden>{SIGNS[kind]}</span>
            <span>{line || '\u00a0'}</span>
          </>
        )
        if (kind === 'removed')
          return (
            <del key={i} className={classes.removed}>
              {content}
            </del>
          )
        if (kind === 'added')
          return (
            <ins key={i} className={classes.added}>
              {content}
            </ins>
          )
        return <div key={i}>{content}</div>
      })}
    </div>
  )
}
