/** The words that a flow is shown in. */
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { Node } from './types'
import { firstWords, type WayWords } from './ways'

export interface FlowWords {
  way: WayWords
  nodeLabel: (name: string, node: Node) => string
  wayLabel: (from: string, to: string, label: string) => string
}

export function useFlowWords(): FlowWords {
  const { t } = useTranslation('flow')
  return useMemo(
    () => ({
      way: {
        always: t('always'),
        otherwise: t('otherwise'),
        failed: t('failed'),
        notUnderstood: t('notUnderstood'),
        set: (name) => t('isSet', { name }),
        unset: (name) => t('isUnset', { name }),
        key: (digit) => t('key', { digit }),
      },
      nodeLabel: (name, node) =>
        t('nodeLabel', { kind: t(`kinds.${node.kind}`), name: node.label || name, words: firstWords(node) }),
      wayLabel: (from, to, label) => t('wayLabel', { from, to, label }),
    }),
    [t],
  )
}
