/** What an entry changed, field by field. */
import { Table, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import classes from './audit.module.css'
import { shown } from './values'

interface Change {
  field: string
  before: unknown
  after: unknown
}

export function Diff({ changes }: { changes: readonly Change[] }) {
  const { t } = useTranslation('workspace')
  if (changes.length === 0)
    return (
      <Text size="sm" c="dimmed">
        {t('auditNoChanges')}
      </Text>
    )
  return (
    <Table.ScrollContainer minWidth={460}>
      <Table className={classes.diff} highlightOnHover={false}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('auditField')}</Table.Th>
            <Table.Th>{t('auditBefore')}</Table.Th>
            <Table.Th>{t('auditAfter')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {changes.map(({ field, before, after }) => (
            <Table.Tr key={field}>
              <Table.Th scope="row" className="tl-mono" fw={400}>
                {field}
              </Table.Th>
              <Table.Td data-side="before">
                <Value value={before} />
              </Table.Td>
              <Table.Td data-side="after">
                <Value value={after} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}

function Value({ value }: { value: unknown }) {
  const { t } = useTranslation('workspace')
  const text = shown(value)
  if (text === '')
    return (
      <Text size="xs" c="dimmed" span>
        {t('auditNothing')}
      </Text>
    )
  return <span className={classes.value}>{text}</span>
}
