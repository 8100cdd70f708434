/** How much of a limit is in use: the numbers, and a bar. */
import { useTranslation } from 'react-i18next'
import { count } from '@/components/format'
import classes from './live.module.css'

export function Meter({ used, limit }: { used: number; limit: number }) {
  const { t } = useTranslation('lines')
  const part = limit > 0 ? Math.min(1, used / limit) : 0
  return (
    <div className={classes.meter}>
      <span className="tl-mono">{t('usedOf', { used: count(used), limit: count(limit) })}</span>
      <div className={classes.track} data-full={part >= 1 || undefined} aria-hidden>
        <span style={{ width: `${part * 100}%` }} />
      </div>
    </div>
  )
}
