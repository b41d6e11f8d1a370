# shellcheck shell=bash
# Sourced by the doors: sets JAVA_HOME to a JDK 25 or newer, or says what is missing and exits.

jdk_version() { # the feature version of the JDK in a folder; nothing when there is no JDK
  [ -x "$1/bin/javac" ] || return 0
  "$1/bin/javac" -version 2>&1 | sed -n 's/^javac \([0-9]*\).*/\1/p'
}

find_jdk() {
  local candidate version
  for candidate in "${JAVA_HOME:-}" /usr/lib/jvm/* /opt/java/* /opt/jdk* "$HOME"/.sdkman/candidates/java/* \
    /Library/Java/JavaVirtualMachines/*/Contents/Home \
    "$(dirname -- "$(dirname -- "$(readlink -f -- "$(command -v javac || true)" 2>/dev/null || true)")")"; do
    [ -n "$candidate" ] || continue
    version=$(jdk_version "$candidate")
    if [ -n "$version" ] && [ "$version" -ge 25 ]; then
      echo "$candidate"
      return
    fi
  done
}

jdk=$(find_jdk)
if [ -z "$jdk" ]; then
  echo "AgentFlow needs a JDK 25 or newer, and found none in JAVA_HOME, /usr/lib/jvm or on the PATH." >&2
  echo "  Get one from adoptium.net (Temurin), or: sdk install java 25-tem; then set JAVA_HOME." >&2
  exit 2
fi
export JAVA_HOME="$jdk"
export PATH="$jdk/bin:$PATH"
unset jdk
