/** The rows of the list. However many are loaded, only those near the screen are drawn. */
import { Button, Center, Table, Text } from '@mantine/core'
import { useHotkeys, useMediaQuery } from '@mantine/hooks'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useTenant } from '@/api/session'
import { CallRow } from './CallRow'
import classes from './list.module.css'
import type { CallList } from './useCallList'
import { useWindow } from './useWindow'

/** Must be what list.module.css says; the lines are part of it. */
const ROW_PX = 44
const PHONE_ROW_PX = 62
/** So many rows before the end the next page is asked for. */
const AHEAD = 40

export function CallTable({ list: { calls, query } }: { list: CallList }) {
  const { t } = useTranslation(['calls', 'common'])
  const phone = useMediaQuery('(max-width: 48em)', false, { getInitialValueInEffect: false })
  const body = useRef<HTMLTableSectionElement>(null)
  const height = phone ? PHONE_ROW_PX : ROW_PX
  const { first, end } = useWindow(body, calls.length, height)
  const active = useRowKeys(calls, body, height)
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && end > calls.length - AHEAD) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage, end, calls.length])
  return (
    <>
      <Table
        className={classes.table}
        aria-rowcount={hasNextPage ? -1 : calls.length + 1}
        aria-label={t('title')}
      >
        <Heads phone={phone} />
        <Table.Tbody ref={body}>
          <Spacer px={first * height} />
          {calls.slice(first, end).map((call, i) => (
            <CallRow
              key={call.id}
              call={call}
              index={first + i}
              phone={phone}
              active={first + i === active}
            />
          ))}
          <Spacer px={(calls.length - end) * height} />
        </Table.Tbody>
      </Table>
      <Center>
        {hasNextPage ? (
          <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            {t('common:loadMore')}
          </Button>
        ) : (
          <Text c="dimmed" size="sm">
            {t('allShown', { count: calls.length })}
          </Text>
        )}
      </Center>
      <Text c="dimmed" size="xs" ta="center" visibleFrom="sm">
        {t('keys')}
      </Text>
    </>
  )
}

function Heads({ phone }: { phone: boolean }) {
  const { t } = useTranslation('calls')
  const heads = phone
    ? ([
        ['party', undefined],
        ['outcome', 140],
      ] as const)
    : ([
        ['time', 150],
        ['from', undefined],
        ['to', undefined],
        ['agent', undefined],
        ['outcome', 190],
        ['duration', 90],
      ] as const)
  return (
    <Table.Thead>
      <Table.Tr>
        {heads.map(([name, width]) => (
          <Table.Th
            key={name}
            w={width}
            ta={name === 'duration' || (phone && name === 'outcome') ? 'right' : undefined}
          >
            {t(name)}
          </Table.Th>
        ))}
      </Table.Tr>
    </Table.Thead>
  )
}

function Spacer({ px }: { px: number }) {
  if (px <= 0) return null
  return (
    <tr className={classes.spacer} aria-hidden>
      <td colSpan={6} style={{ height: px }} />
    </tr>
  )
}

/** j and k move the mark, Enter opens what is marked. Returns the marked row, -1 for none. */
function useRowKeys(
  calls: CallList['calls'],
  body: React.RefObject<HTMLElement | null>,
  height: number,
): number {
  const navigate = useNavigate()
  const { path } = useTenant()
  const [active, setActive] = useState(-1)
  const go = (step: number) => {
    const next = Math.min(Math.max(active + step, 0), calls.length - 1)
    setActive(next)
    const top = (body.current?.getBoundingClientRect().top ?? 0) + next * height
    if (top < 80) window.scrollBy({ top: top - 80 })
    else if (top + height > window.innerHeight - 20)
      window.scrollBy({ top: top + height - window.innerHeight + 20 })
  }
  const open = (event: KeyboardEvent) => {
    const call = calls[active]
    // A button or link that has the focus keeps its Enter.
    if (!call || (event.target instanceof Element && event.target.closest('a, button'))) return
    event.preventDefault()
    void navigate({ to: path(`calls/${call.id}`) })
  }
  useHotkeys([
    ['j', () => go(1)],
    ['k', () => go(-1)],
    ['Enter', open, { preventDefault: false }],
  ])
  return active
}
