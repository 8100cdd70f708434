/** What is known of an offer, in a line: price, languages, speed, and whether it can be used now. */
import { Anchor, Badge, Tooltip } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useTenant } from '@/api/session'
import { count, latency } from '@/components/format'
import { languagesInWords, type Offer } from './offer'
import classes from './vendors.module.css'

export function Price({ offer }: { offer: Offer }) {
  const { t } = useTranslation('vendors')
  return offer.price || t('noPrice')
}

export function Languages({ offer }: { offer: Offer }) {
  const { t } = useTranslation('vendors')
  return languagesInWords(t, offer.languages)
}

/** The vendor's word for it, and beside it what the tenant's own calls measured. */
export function Speed({ offer }: { offer: Offer }) {
  const { t } = useTranslation('vendors')
  const { measured } = offer
  return (
    <span className={classes.speed}>
      <Hint label={t(`speedHint.${offer.latency}`)}>{t(`speed.${offer.latency}`)}</Hint>
      {measured && (
        <Hint
          label={t('measuredHint', {
            p50: latency(measured.p50_ms),
            p95: latency(measured.p95_ms),
            samples: count(measured.samples),
          })}
        >
          <span className="tl-mono">
            {t('measured', { p50: latency(measured.p50_ms), p95: latency(measured.p95_ms) })}
          </span>
        </Hint>
      )}
    </span>
  )
}

/** What it can do beyond its kind. */
export function Abilities({ offer }: { offer: Offer }) {
  const { t } = useTranslation('vendors')
  const abilities = [
    offer.tools && (['tools', 'toolsHint'] as const),
    offer.end_of_turn && (['endOfTurn', 'endOfTurnHint'] as const),
    offer.word_timestamps && (['words', 'wordsHint'] as const),
  ].filter((ability) => ability !== false)
  return abilities.map(([word, hint]) => (
    <Hint key={word} label={t(hint)}>
      {t(word)}
    </Hint>
  ))
}

function Hint({ label, children }: { label: string; children: ReactNode }) {
  return (
    <Tooltip label={label} multiline maw={320}>
      <span>{children}</span>
    </Tooltip>
  )
}

/** Whether it can be used: ours, by a key that is there, or not before one is. */
export function Readiness({ offer }: { offer: Offer }) {
  const { t } = useTranslation('vendors')
  if (offer.local)
    return (
      <Tooltip label={t('localHint')}>
        <Badge color="gray">{t('local')}</Badge>
      </Tooltip>
    )
  return offer.available ? null : <NeedsKey />
}

export function NeedsKey() {
  const { t } = useTranslation('vendors')
  const { path, may } = useTenant()
  return (
    <span className={classes.needs}>
      <Badge color="amber">{t('needsKey')}</Badge>
      {may('keys.read') && (
        <Anchor component={Link} to={path('vendors')} size="sm">
          {t('addKey')}
        </Anchor>
      )}
    </span>
  )
}
