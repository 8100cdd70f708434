/** The steps as a list: the same as the canvas, for the keyboard, for screen readers and for telephones. */
import { Badge, Box, NavLink, Text } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import type { Dispatch, SetStateAction } from 'react'
import { useTranslation } from 'react-i18next'
import type { Selection } from '@/components/flow/FlowCanvas'
import { PICTURES } from '@/components/flow/kinds'
import type { Flow } from '@/components/flow/types'
import { useFlowWords } from '@/components/flow/words'
import { firstWords, inOrder, labelOf, waysOf } from '@/components/flow/ways'
import type { Walk } from '@/components/flow/walk'

interface NodeListProps {
  flow: Flow
  walk: Walk
  faults: Readonly<Record<string, number>>
  selected: Selection
  onSelect: Dispatch<SetStateAction<Selection>>
}

export function NodeList({ flow, walk, faults, selected, onSelect }: NodeListProps) {
  const { t } = useTranslation('flow')
  return (
    <Box component="nav" aria-label={t('canvas')}>
      {inOrder(flow).map((name) => {
        const node = flow.nodes[name]!
        const Picture = PICTURES[node.kind]
        return (
          <NavLink
            key={name}
            component="button"
            type="button"
            active={selected?.node === name}
            aria-current={selected?.node === name}
            onClick={() => onSelect({ node: name })}
            leftSection={<Picture size={17} aria-label={t(`kinds.${node.kind}`)} />}
            label={node.label || name}
            description={<Below flow={flow} name={name} words={firstWords(node)} />}
            rightSection={
              <>
                {faults[name] ? (
                  <IconAlertTriangle
                    size={15}
                    color="var(--mantine-color-error)"
                    aria-label={t('faults', { count: faults[name] })}
                  />
                ) : null}
                {walk.current === name && <Badge size="sm">{t('now')}</Badge>}
                {flow.start === name && (
                  <Badge size="sm" variant="outline">
                    {t('start')}
                  </Badge>
                )}
              </>
            }
          />
        )
      })}
    </Box>
  )
}

function Below({ flow, name, words }: { flow: Flow; name: string; words: string }) {
  const { way: wayWords } = useFlowWords()
  const node = flow.nodes[name]!
  return (
    <>
      <Text span inherit display="block" truncate>
        {words}
      </Text>
      {waysOf(name, node).map((way) => (
        <Text key={way.id} span inherit display="block" truncate>
          {`→ ${way.to}: ${labelOf(way, node, wayWords)}`}
        </Text>
      ))}
    </>
  )
}
