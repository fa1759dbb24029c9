"""Rows about people's own documents and files; promised."""

from contracts.operations.row import CHANNELS, promised

DOCUMENTS = (
    promised("document_types.list", CHANNELS),
    promised("document_types.create", CHANNELS),
    promised("document_types.rename", CHANNELS),
    promised("document_types.delete", CHANNELS),
    promised("documents.add", CHANNELS),
    promised("documents.list", CHANNELS),
    promised("documents.get", CHANNELS),
    promised("documents.rename", CHANNELS),
    promised("documents.delete", CHANNELS),
    promised("documents.share", CHANNELS),
    promised("documents.unshare", CHANNELS),
    promised("files.begin", CHANNELS),
    promised("files.commit", CHANNELS),
    promised("files.grant", CHANNELS),
)
