# A formula for a tap of one's own: Homebrew drops programs that are not signed from its
# casks, and this one is built where it is installed. Nobody has run it yet. Homepage, url
# and sha256 are those of who publishes it.
class Cornetta < Formula
  desc "Dial through the phone on your desk"
  homepage "https://cornetta.invalid"
  url "https://cornetta.invalid/cornetta-0.1.0.tar.gz"
  sha256 "0000000000000000000000000000000000000000000000000000000000000000"
  license "MIT"

  depends_on "go" => :build
  depends_on :macos

  def install
    system "packaging/macos/bundle.sh", "dist", version.to_s
    prefix.install "dist/Cornetta.app"
    bin.install_symlink prefix/"Cornetta.app/Contents/MacOS/cornetta"
  end

  def caveats
    "For the menu bar and for links: ln -s #{opt_prefix}/Cornetta.app /Applications"
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/cornetta --version")
  end
end
