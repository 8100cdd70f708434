/** When calls may go to callees of one place: a table of seven days, each drawn as a bar of 24 hours. */
import { Table, Text } from '@mantine/core'
import dayjs from 'dayjs'
import { useTranslation } from 'react-i18next'
import type { GridDay } from './types'
import { inWords, spanOf } from './weekGrid'
import classes from './shared.module.css'

const HOURS = [0, 6, 12, 18, 24]

export function WeekGrid({ place, days }: { place: string; days: readonly GridDay[] }) {
  const { t } = useTranslation('campaigns')
  return (
    <Table className={classes.week} highlightOnHover={false} withRowBorders={false}>
      <Table.Caption>{t('week.caption', { place })}</Table.Caption>
      <Table.Thead>
        <Table.Tr>
          <Table.Th scope="col">{t('week.day')}</Table.Th>
          <Table.Th scope="col" className={classes.clock}>
            <span className={classes.hidden}>{t('week.picture')}</span>
            <span aria-hidden className={classes.ticks}>
              {HOURS.map((hour) => (
                <span key={hour} style={{ left: `${(100 * hour) / 24}%` }}>
                  {hour}
                </span>
              ))}
            </span>
          </Table.Th>
          <Table.Th scope="col" visibleFrom="sm">
            {t('week.hours')}
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {days.map((day) => (
          <DayRow key={day.date} day={day} />
        ))}
      </Table.Tbody>
    </Table>
  )
}

function DayRow({ day: { date, intervals } }: { day: GridDay }) {
  const { t } = useTranslation('campaigns')
  const words = intervals.length > 0 ? inWords(intervals) : t('week.noCalls')
  return (
    <Table.Tr>
      <Table.Th scope="row" className={classes.day}>
        {dayjs(date).format('ddd D MMM')}
      </Table.Th>
      <Table.Td>
        <div className={classes.bar} aria-hidden>
          {intervals.map((interval) => {
            const { left, width } = spanOf(interval)
            return <span key={interval.join()} style={{ left: `${left}%`, width: `${width}%` }} />
          })}
        </div>
        {/* On a telephone the words stand below the bar. */}
        <Text size="xs" hiddenFrom="sm" className="tl-mono" mt={2}>
          {words}
        </Text>
      </Table.Td>
      <Table.Td visibleFrom="sm" className="tl-mono" style={{ whiteSpace: 'nowrap' }}>
        {words}
      </Table.Td>
    </Table.Tr>
  )
}
