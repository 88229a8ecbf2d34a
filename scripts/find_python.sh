#!/bin/sh
# Prints the path of a working Python 3.10, which Rasa 3.6 needs, or says how to get one.
set -eu

works() { "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info[:2] != (3, 10))' >/dev/null 2>&1; }

for candidate in "${PYTHON310:-}" python3.10 python3 python \
    "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.10.*/bin/python \
    "${XDG_DATA_HOME:-$HOME/.local/share}"/uv/python/cpython-3.10*/bin/python3.10 \
    /opt/homebrew/bin/python3.10 /usr/local/bin/python3.10; do
    if [ -n "$candidate" ] && works "$candidate"; then
        "$candidate" -c "import sys; print(sys.executable)"
        exit 0
    fi
done
if command -v uv >/dev/null 2>&1 && candidate=$(uv python find 3.10 2>/dev/null) && works "$candidate"; then
    printf '%s\n' "$candidate"
    exit 0
fi
cat >&2 <<'EOF'
No Python 3.10 was found, and Rasa 3.6 needs that version. Get it with one of:
    uv python install 3.10
    pyenv install 3.10
    apt-get install python3.10 python3.10-venv      (or your system's package of that name)
or point to one elsewhere:  make talk PYTHON310=/path/to/python3.10
EOF
exit 1
