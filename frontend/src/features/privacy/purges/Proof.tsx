/** The proof of a purge: what was counted before and after, and a digest for each kind. */
import { Alert, Stack, Text } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import dayjs from 'dayjs'
import { useTranslation } from 'react-i18next'
import { count, exactTime } from '@/components/format'
import { Copyable } from '@/components/Secret'
import type { Purge } from '../data'
import classes from '../privacy.module.css'
import { size } from '../size'
import { namedIn, type Went } from './sums'

export function Proof({ purge }: { purge: Purge }) {
  const { t } = useTranslation('privacy')
  const kinds = purge.kinds as Readonly<Record<string, Went | undefined>>
  return (
    <Stack gap="sm" className={classes.inner}>
      {purge.problem && (
        <Alert color="red" icon={<IconAlertTriangle size={18} />}>
          {purge.problem}
        </Alert>
      )}
      <dl className={classes.facts}>
        <div>
          <dt>{t('leftHead')}</dt>
          <dd className="tl-mono">{count(purge.left)}</dd>
        </div>
        <div>
          <dt>{t('filesGoneHead')}</dt>
          <dd>{t(purge.files_gone ? 'filesGone' : 'filesNotGone')}</dd>
        </div>
        {purge.ended_at && (
          <div>
            <dt>{t('endedHead')}</dt>
            <dd>{exactTime(purge.ended_at)}</dd>
          </div>
        )}
      </dl>
      {namedIn(kinds).map((kind) => (
        <KindProof key={kind} name={t(`kind.${kind}`)} went={kinds[kind]!} />
      ))}
      <Text size="xs" c="dimmed">
        {t('digestText')}
      </Text>
    </Stack>
  )
}

function KindProof({ name, went }: { name: string; went: Went }) {
  const { t } = useTranslation('privacy')
  const day = (at: string) => dayjs(at).format('D MMM YYYY')
  return (
    <section className={classes.kind} aria-label={name}>
      <Text size="sm" fw={500}>
        {name}
      </Text>
      <Text size="sm" c={went.rows > 0 ? undefined : 'dimmed'}>
        {went.rows > 0
          ? t(went.files > 0 ? 'wentFiles' : 'wentRows', {
              count: went.rows,
              rows: count(went.rows),
              files: count(went.files),
              size: size(went.bytes),
            })
          : t('wentNothing')}
        {went.oldest &&
          went.newest &&
          ` ${t('wentBetween', { from: day(went.oldest), to: day(went.newest) })}`}
        {went.held > 0 && ` ${t('wentHeld', { count: went.held, rows: count(went.held) })}`}
      </Text>
      {went.rows > 0 && went.digest && <Copyable value={went.digest} label={t('copyDigest', { name })} />}
    </section>
  )
}
