/** How far a campaign is, in figures and as a bar. */
import { Progress, Stack, Text } from '@mantine/core'
import dayjs from 'dayjs'
import { useTranslation } from 'react-i18next'
import { count, duration, money, share } from '@/components/format'
import type { Campaign } from '../shared/types'
import type { Told } from './data'
import { partsOf } from './figures'
import classes from './running.module.css'

interface FiguresProps {
  campaign: Campaign
  progress: Told
  live: boolean
}

export function Figures({ campaign, progress, live }: FiguresProps) {
  const { t } = useTranslation('campaigns')
  const { attempts, connected, human, machine, converted, remaining } = progress
  const of = (n: number) => (attempts > 0 ? t('run.ofAttempts', { share: share(n / attempts) }) : '')
  return (
    <Stack gap="sm" component="section" aria-label={t('run.figures')}>
      <Bar progress={progress} />
      <dl className={classes.figures}>
        <Figure
          name={t('run.now')}
          value={count(progress.calls_now)}
          hint={t('run.atMost', { most: count(campaign.config.pacing.max_concurrent) })}
        />
        <Figure
          name={t('run.remaining')}
          value={count(remaining)}
          hint={t('run.contacts', { shown: count(progress.contacts) })}
        />
        <Figure
          name={t('run.attempts')}
          value={count(attempts)}
          hint={t('run.talked', { time: duration(progress.talk_ms) })}
        />
        <Figure name={t('run.connected')} value={count(connected)} hint={of(connected)} />
        <Figure name={t('run.human')} value={count(human)} hint={of(human)} />
        <Figure name={t('run.machine')} value={count(machine)} hint={of(machine)} />
        <Figure
          name={t('run.converted')}
          value={count(converted)}
          hint={human > 0 ? t('run.ofPeople', { share: share(converted / human) }) : ''}
        />
        <Figure
          name={t('run.optedOut')}
          value={count(progress.opted_out)}
          hint={human > 0 ? t('run.ofPeople', { share: share(progress.opted_out / human) }) : ''}
        />
        <Cost campaign={campaign} progress={progress} />
        <Finish campaign={campaign} progress={progress} />
      </dl>
      <Text size="sm" c="dimmed" role="status">
        {t(live ? 'run.live' : 'run.polled')}
      </Text>
    </Stack>
  )
}

function Figure({ name, value, hint }: { name: string; value: string; hint: string }) {
  return (
    <div className={classes.figure}>
      <dt>{name}</dt>
      <dd>
        <div className={classes.value}>{value}</div>
        <div className={classes.hint}>{hint}</div>
      </dd>
    </div>
  )
}

function Cost({ campaign, progress }: Omit<FiguresProps, 'live'>) {
  const { t } = useTranslation('campaigns')
  const { cost_micros, held_micros, currency } = progress
  const { budget_micros } = campaign.config
  const held = held_micros > 0 ? t('run.held', { held: money(held_micros, currency) }) : ''
  const hint =
    budget_micros === null ? held : t('run.ofBudget', { budget: money(budget_micros, currency), held })
  return <Figure name={t('run.cost')} value={money(cost_micros, currency)} hint={hint} />
}

function Finish({ campaign, progress }: Omit<FiguresProps, 'live'>) {
  const { t } = useTranslation('campaigns')
  if (campaign.ended_at)
    return (
      <Figure
        name={t('run.ended')}
        value={dayjs(campaign.ended_at).format('HH:mm')}
        hint={dayjs(campaign.ended_at).format('ddd D MMM YYYY')}
      />
    )
  const at = progress.estimated_finish
  if (progress.remaining === 0)
    return <Figure name={t('run.finish')} value={t('run.nobodyWaits')} hint={t('run.nobodyWaitsWhy')} />
  return (
    <Figure
      name={t('run.finish')}
      value={at ? dayjs(at).format('HH:mm') : t('run.unknown')}
      hint={at ? dayjs(at).format('ddd D MMM YYYY') : t('run.unknownWhy')}
    />
  )
}

function Bar({ progress }: { progress: Told }) {
  const { t } = useTranslation('campaigns')
  const parts = partsOf(progress)
  const words = {
    done: t('run.part.done', { shown: count(progress.done) }),
    calling: t('run.part.calling', { shown: count(progress.calling) }),
    set_aside: t('run.part.set_aside', { shown: count(progress.set_aside) }),
  }
  return (
    <div>
      <Progress.Root size={14}>
        <Progress.Section value={parts.done} color="petrol" aria-label={words.done} />
        <Progress.Section value={parts.calling} color="petrol" striped animated aria-label={words.calling} />
        <Progress.Section value={parts.set_aside} color="gray" aria-label={words.set_aside} />
      </Progress.Root>
      <Text size="sm" mt={4}>
        {t('run.parts', { ...words, waiting: count(progress.waiting) })}
      </Text>
    </div>
  )
}
