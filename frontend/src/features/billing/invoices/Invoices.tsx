import { ActionIcon, Anchor, Collapse, Table, Text, VisuallyHidden } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconChevronRight, IconFileText } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { $api, currentTenant } from '@/api/client'
import { byCursor } from '@/api/pages'
import { money } from '@/components/format'
import { More } from '@/components/More'
import { Empty, Failed, Loading } from '@/components/states'
import classes from '../billing.module.css'
import type { Invoice } from '../data'
import { InvoiceLines } from './InvoiceLines'
import { spanName } from './span'

export function Invoices() {
  const { t } = useTranslation('billing')
  const query = $api.useInfiniteQuery('get', '/api/v1/billing/invoices', { params: { query: {} } }, byCursor)
  const rows = query.data?.pages.flatMap((page) => page.results) ?? []
  if (query.data === undefined)
    return query.isError ? <Failed error={query.error} retry={() => void query.refetch()} /> : <Loading />
  if (rows.length === 0)
    return <Empty icon={IconFileText} title={t('invoices.none')} text={t('invoices.noneText')} />
  return (
    <>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={36}>
              <VisuallyHidden>{t('details')}</VisuallyHidden>
            </Table.Th>
            <Table.Th>{t('invoices.number')}</Table.Th>
            <Table.Th>{t('invoices.period')}</Table.Th>
            <Table.Th visibleFrom="sm" ta="right">
              {t('invoices.opening')}
            </Table.Th>
            <Table.Th visibleFrom="sm" ta="right">
              {t('invoices.added')}
            </Table.Th>
            <Table.Th ta="right">{t('invoices.used')}</Table.Th>
            <Table.Th visibleFrom="sm" ta="right">
              {t('invoices.closing')}
            </Table.Th>
            <Table.Th w={60}>
              <VisuallyHidden>{t('actions')}</VisuallyHidden>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((invoice) => (
            <Rows key={invoice.id} invoice={invoice} />
          ))}
        </Table.Tbody>
      </Table>
      <More query={query} />
    </>
  )
}

function Rows({ invoice }: { invoice: Invoice }) {
  const { t } = useTranslation('billing')
  const [opened, { toggle }] = useDisclosure()
  const { id, number, currency, opening_micros, added_micros, used_micros, closing_micros } = invoice
  return (
    <>
      <Table.Tr onClick={toggle} className={classes.row}>
        <Table.Td>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-expanded={opened}
            aria-label={t('invoices.linesOf', { number })}
            onClick={(event) => {
              event.stopPropagation()
              toggle()
            }}
          >
            <IconChevronRight size={16} className={classes.chevron} data-opened={opened || undefined} />
          </ActionIcon>
        </Table.Td>
        <Table.Td>
          <Text size="sm" className="tl-mono">
            {number}
          </Text>
        </Table.Td>
        <Table.Td>{spanName(invoice)}</Table.Td>
        <Table.Td visibleFrom="sm" ta="right" className="tl-mono">
          {money(opening_micros, currency)}
        </Table.Td>
        <Table.Td visibleFrom="sm" ta="right" className="tl-mono">
          {money(added_micros, currency)}
        </Table.Td>
        <Table.Td ta="right" className="tl-mono">
          {money(used_micros, currency)}
        </Table.Td>
        <Table.Td visibleFrom="sm" ta="right" className="tl-mono">
          {money(closing_micros, currency)}
        </Table.Td>
        <Table.Td>
          <Anchor
            href={`/api/v1/billing/invoices/${id}/pdf?tenant=${currentTenant()}`}
            download
            size="sm"
            aria-label={t('invoices.pdfOf', { number })}
            onClick={(event) => event.stopPropagation()}
          >
            {t('invoices.pdf')}
          </Anchor>
        </Table.Td>
      </Table.Tr>
      <Table.Tr className={classes.details} data-opened={opened || undefined}>
        <Table.Td colSpan={8} p={0}>
          <Collapse expanded={opened}>{opened && <InvoiceLines id={id} currency={currency} />}</Collapse>
        </Table.Td>
      </Table.Tr>
    </>
  )
}
