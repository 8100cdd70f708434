/** What each night deleted, with the proof of it. */
import { ActionIcon, Badge, Collapse, Stack, Table, Text, VisuallyHidden } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconChevronRight, IconEraser } from '@tabler/icons-react'
import dayjs from 'dayjs'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { byCursor } from '@/api/pages'
import { count } from '@/components/format'
import { More } from '@/components/More'
import { Empty, Failed, Loading } from '@/components/states'
import type { Purge } from '../data'
import classes from '../privacy.module.css'
import { size } from '../size'
import { Proof } from './Proof'
import { sumOf, verdictOf, type Verdict } from './sums'

export function Purges() {
  const { t } = useTranslation('privacy')
  const query = $api.useInfiniteQuery('get', '/api/v1/privacy/purges', { params: { query: {} } }, byCursor)
  const rows = query.data?.pages.flatMap((page) => page.results) ?? []
  if (query.data === undefined)
    return query.isError ? <Failed error={query.error} retry={() => void query.refetch()} /> : <Loading />
  if (rows.length === 0) return <Empty icon={IconEraser} title={t('noPurges')} text={t('noPurgesText')} />
  return (
    <Stack gap="md">
      <Text size="sm" maw={640}>
        {t('purgesText')}
      </Text>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={36}>
              <VisuallyHidden>{t('details')}</VisuallyHidden>
            </Table.Th>
            <Table.Th>{t('day')}</Table.Th>
            <Table.Th>{t('result')}</Table.Th>
            <Table.Th ta="right">{t('rowsHead')}</Table.Th>
            <Table.Th visibleFrom="sm" ta="right">
              {t('filesHead')}
            </Table.Th>
            <Table.Th visibleFrom="sm" ta="right">
              {t('sizeHead')}
            </Table.Th>
            <Table.Th visibleFrom="sm" ta="right">
              {t('heldHead')}
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((purge) => (
            <Rows key={purge.id} purge={purge} />
          ))}
        </Table.Tbody>
      </Table>
      <More query={query} />
    </Stack>
  )
}

const COLORS: Record<Verdict, string> = { running: 'amber', proved: 'petrol', incomplete: 'red' }

function Rows({ purge }: { purge: Purge }) {
  const { t } = useTranslation('privacy')
  const [opened, { toggle }] = useDisclosure()
  const sum = sumOf(purge.kinds)
  const verdict = verdictOf(purge)
  const day = dayjs(purge.day).format('ddd D MMM YYYY')
  return (
    <>
      <Table.Tr onClick={toggle} className={classes.row}>
        <Table.Td>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-expanded={opened}
            aria-label={t('proofOf', { day })}
            onClick={(event) => {
              event.stopPropagation()
              toggle()
            }}
          >
            <IconChevronRight size={16} className={classes.chevron} data-opened={opened || undefined} />
          </ActionIcon>
        </Table.Td>
        <Table.Td>{day}</Table.Td>
        <Table.Td>
          <Badge color={COLORS[verdict]}>{t(`verdict.${verdict}`)}</Badge>
        </Table.Td>
        <Table.Td ta="right" className="tl-mono">
          {count(sum.rows)}
        </Table.Td>
        <Table.Td visibleFrom="sm" ta="right" className="tl-mono">
          {count(sum.files)}
        </Table.Td>
        <Table.Td visibleFrom="sm" ta="right" className="tl-mono">
          {size(sum.bytes)}
        </Table.Td>
        <Table.Td visibleFrom="sm" ta="right" className="tl-mono">
          {count(sum.held)}
        </Table.Td>
      </Table.Tr>
      <Table.Tr className={classes.details} data-opened={opened || undefined}>
        <Table.Td colSpan={7} p={0}>
          <Collapse expanded={opened}>{opened && <Proof purge={purge} />}</Collapse>
        </Table.Td>
      </Table.Tr>
    </>
  )
}
