// Takes the place of @vscode/ripgrep, whose binary is fetched by a post-install script: the ripgrep of the system.

export const rgPath = "rg";
